import type { INestApplication } from '@nestjs/common';
import { RELEASE } from '@understudy/platform';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { onlyThese } from '../http/only-these';

const DESCRIPTION = `
Serves ONNX models from an MLflow registry, with two versions side by side: **current** and **next**.
Load a version into next, send it a share of the requests, promote it, or take it back.

*Canary probability* is the share of requests that **current** answers: 1.0 = all current, 0.0 = all next.

Errors are problem documents (RFC 9457); \`detail\` says what was expected, what came and what to do.
`;

/** What the page of Swagger UI consists of. Its package has more: a page of its own that reads its document from elsewhere, source maps. */
const PAGE: ReadonlySet<string> = new Set([
  '/',
  '/favicon-16x16.png',
  '/favicon-32x32.png',
  '/swagger-ui-bundle.js',
  '/swagger-ui-init.js',
  '/swagger-ui-standalone-preset.js',
  '/swagger-ui.css',
]);

/** Swagger UI at /docs and the document at /docs-json. The document is made when it is first asked for. */
export function serveOpenApi(app: INestApplication): void {
  app.use('/docs', onlyThese(PAGE));
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'docs-json',
    yamlDocumentUrl: 'docs-yaml',
    customSiteTitle: 'Understudy API',
    customCss: '.swagger-ui .topbar { display: none }',
    swaggerOptions: { displayRequestDuration: true, tryItOutEnabled: false, defaultModelsExpandDepth: 0 },
  });
}

function describeApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Understudy')
    .setDescription(DESCRIPTION)
    .setVersion(RELEASE)
    .addTag('Prediction', 'Ask the model')
    .addTag('MLflow scoring protocol', 'A drop-in for `mlflow models serve`')
    .addTag('Open Inference Protocol', 'For clients of KServe, Triton and MLServer')
    .addTag('Canary deployment', 'Change what answers')
    .addTag('Deployments', 'Any number of endpoints')
    .addTag('Audit', 'Who did what, when and why')
    .addTag('Replicas', 'Who serves, and who is behind')
    .addTag('Registry', 'What could be loaded')
    .addTag('Access', 'Who may do what')
    .addTag('Health', 'How it is')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A token, where the server asks for one.' })
    .build();
  const document = SwaggerModule.createDocument(app, config);
  return { ...document, paths: withOwnParameters(document.paths) };
}

/** A method that stands for several paths is documented with the parameters of all of them; each path keeps its own. */
function withOwnParameters(paths: OpenAPIObject['paths']): OpenAPIObject['paths'] {
  const isOf = (path: string, parameter: object): boolean =>
    !('in' in parameter && 'name' in parameter && parameter.in === 'path') ||
    path.includes(`{${String(parameter.name)}}`);
  for (const [path, item] of Object.entries(paths)) {
    for (const method of ['get', 'put', 'post', 'delete'] as const) {
      const operation = item[method];
      if (operation?.parameters === undefined) continue;
      operation.parameters = operation.parameters.filter((parameter) => isOf(path, parameter));
    }
  }
  return paths;
}
