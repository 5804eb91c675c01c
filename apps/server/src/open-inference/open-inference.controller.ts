import { applyDecorators, Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type ModelConfig, modelConfig, type ModelMetadata, modelMetadata } from '@understudy/inference';
import { ManagedDeployments } from '@understudy/control';
import { type Deployment, Deployments, type LoadedVersion } from '@understudy/model-slots';
import { DomainError, isDomainError, RELEASE } from '@understudy/platform';
import type { Request, Response } from 'express';
import { Access } from '../access/access.decorator';
import { ChangeDoor } from '../control/change-door';
import { Drain } from '../http/drain';
import { HotDoor } from '../http/hot-door';
import {
  ErrorV2,
  InferAnswerV2,
  LiveV2,
  ModelListV2,
  ModelMetadataV2,
  ModelReadyV2,
  ReadyV2,
  RepositoryIndexRequest,
  RepositoryItem,
  RepositoryLoadRequest,
  ServerMetadata,
} from './open-inference.dto';
import { namesNext, readIndexRequest, readLoadRequest } from './repository-requests';
import { listDeployment } from './repository-index';

const PRODUCT = { name: 'understudy', version: RELEASE };

/** Only what works here. */
const EXTENSIONS = ['classification', 'model_repository', 'model_configuration', 'binary_tensor_data'];

const MODEL = ['models/:model', 'models/:model/versions/:version'];
const below = (path: string): string[] => MODEL.map((model) => `${model}/${path}`);

/** Of the paths that it stands above, each is documented with those that it has. */
const ModelParams = () =>
  applyDecorators(
    ApiParam({ name: 'model', description: 'A deployment.', example: 'default' }),
    ApiParam({ name: 'version', description: 'A version in current or next.', example: '1' }),
  );
const NotFound = () =>
  ApiResponse({ status: 404, type: ErrorV2, description: 'No such deployment, or the version is in neither slot.' });

/** The Open Inference Protocol (V2) over REST: a deployment is a model there, and its versions are those in current and next. */
@ApiTags('Open Inference Protocol')
@Controller('v2')
export class OpenInferenceController {
  constructor(
    private readonly deployments: Deployments,
    private readonly managed: ManagedDeployments,
    private readonly changes: ChangeDoor,
    private readonly door: HotDoor,
    private readonly drain: Drain,
  ) {}

  @Access('view')
  @Get()
  @ApiOperation({ summary: 'The server and the extensions it speaks' })
  @ApiOkResponse({ type: ServerMetadata })
  server(): ServerMetadata {
    return { ...PRODUCT, extensions: EXTENSIONS };
  }

  @Access('open')
  @Get('health/live')
  @ApiOperation({ summary: 'Whether the process works' })
  @ApiOkResponse({ type: LiveV2 })
  live(): LiveV2 {
    return { live: true };
  }

  @Access('open')
  @Get('health/ready')
  @ApiOperation({ summary: 'Whether every deployment answers' })
  @ApiOkResponse({ type: ReadyV2 })
  @ApiResponse({ status: 503, type: ReadyV2, description: 'One does not, or the server is stopping.' })
  ready(@Res({ passthrough: true }) response: Response): ReadyV2 {
    const ready = !this.drain.isDraining && this.deployments.all.every(({ held }) => held.current?.isReady ?? false);
    if (!ready) response.status(503);
    return { ready };
  }

  @Access('view')
  @Get('models')
  @ApiOperation({ summary: 'The deployments' })
  @ApiOkResponse({ type: ModelListV2 })
  models(): ModelListV2 {
    return { models: this.deployments.all.map(({ name }) => name) };
  }

  @Access('view')
  @Get(MODEL)
  @ApiOperation({ summary: 'What a deployment takes and gives' })
  @ModelParams()
  @ApiOkResponse({ type: ModelMetadataV2 })
  @NotFound()
  metadata(@Param('model') model: string, @Param('version') version?: string): ModelMetadata {
    const deployment = this.deployments.named(model);
    const versions = version === undefined ? versionsOf(deployment) : [version];
    return modelMetadata(model, versions, loadedIn(deployment, version).signature);
  }

  @Access('view')
  @Get(below('ready'))
  @ApiOperation({ summary: 'Whether a deployment answers' })
  @ModelParams()
  @ApiOkResponse({ type: ModelReadyV2 })
  @ApiResponse({ status: 503, type: ModelReadyV2, description: 'Not now.' })
  @NotFound()
  modelReady(
    @Param('model') model: string,
    @Param('version') version: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): ModelReadyV2 {
    const deployment = this.deployments.named(model);
    const { held } = deployment;
    const ready = held[version === undefined ? 'current' : deployment.slotOf(version)]?.isReady ?? false;
    if (!ready) response.status(503);
    return { name: model, ready };
  }

  @Access('view')
  @Get(below('config'))
  @ApiOperation({ summary: 'The configuration that perf_analyzer reads' })
  @ModelParams()
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  @NotFound()
  config(@Param('model') model: string, @Param('version') version?: string): ModelConfig {
    const { signature, batching } = loadedIn(this.deployments.named(model), version);
    return modelConfig(model, signature, batching.batched ? batching.maxRows : 0);
  }

  @Access('predict')
  @Post(below('infer'))
  @HttpCode(200)
  @ApiOperation({
    summary: 'Predict with named tensors, in JSON or as binary data',
    description:
      'Without a version in the path current or next answers, as the split, `X-Model-Slot` and `X-Canary-Key` say; with one the slot ' +
      'that holds it. Bodies may be compressed with gzip or deflate.',
  })
  @ModelParams()
  @ApiHeader({
    name: 'Inference-Header-Content-Length',
    required: false,
    description: 'Bytes of JSON at the start of the body, where the bytes of tensors follow.',
  })
  @ApiBody({
    schema: { type: 'object', additionalProperties: true },
    examples: {
      rows: {
        summary: 'Two rows of Iris',
        value: {
          inputs: [{ name: 'X', datatype: 'FP32', shape: [2, 4], data: [5.1, 3.5, 1.4, 0.2, 6.2, 3.4, 5.4, 2.3] }],
          outputs: [{ name: 'label' }],
        },
      },
    },
  })
  @ApiOkResponse({ type: InferAnswerV2 })
  @ApiResponse({
    status: 400,
    type: ErrorV2,
    description: 'The request cannot be read, is too large or does not fit the model.',
  })
  @NotFound()
  @ApiResponse({ status: 500, type: ErrorV2, description: 'The model failed.' })
  @ApiResponse({ status: 501, type: ErrorV2, description: 'A Content-Encoding other than gzip and deflate.' })
  @ApiResponse({ status: 503, type: ErrorV2, description: 'No version is ready, or too many requests wait.' })
  @ApiResponse({ status: 504, type: ErrorV2, description: 'The model did not answer in time.' })
  async infer(
    @Param('model') model: string,
    @Param('version') version: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.door.answer({ protocol: 'infer', model, version }, request, response);
  }

  @Access('view')
  @Post('repository/index')
  @HttpCode(200)
  @ApiOperation({ summary: 'The deployments, their versions and states' })
  @ApiBody({ type: RepositoryIndexRequest, required: false })
  @ApiOkResponse({ type: [RepositoryItem] })
  @ApiResponse({ status: 400, type: ErrorV2 })
  index(@Body() body: unknown): RepositoryItem[] {
    const { onlyReady } = readIndexRequest(body);
    return this.managed.all.flatMap(listDeployment).filter(({ state }) => !onlyReady || state === 'READY');
  }

  @Access('operate')
  @Post('repository/models/:model/load')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Load a version into next',
    description: 'As /update-model. The protocol itself knows no model URIs: `parameters.model_uri` is ours.',
  })
  @ModelParams()
  @ApiBody({
    type: RepositoryLoadRequest,
    required: false,
    examples: { version: { value: { parameters: { model_uri: 'models:/tracking-quickstart/2' } } } },
  })
  @ApiOkResponse({ description: 'It is there.', type: ModelReadyV2 })
  @ApiResponse({ status: 400, type: ErrorV2, description: 'The version could not be loaded.' })
  @NotFound()
  async load(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const deployment = this.toLoadInto(model);
    const modelUri = readLoadRequest(body);
    const ready: ModelReadyV2 = { name: model, ready: true };
    if (modelUri !== undefined)
      return this.changes.make(request, response, model, { kind: 'load-next', modelUri }, () => ready);
    if (!(deployment.held.current?.isReady ?? false)) throw noVersion(model);
    return ready;
  }

  @Access('operate')
  @Post('repository/models/:model/unload')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Empty next; unloading the whole deployment is refused: it goes on serving until it is deleted',
    description: 'Empties next where `parameters.slot` is `next`, which is ours. Without it the answer is 503.',
  })
  @ModelParams()
  @ApiResponse({ status: 503, type: ErrorV2, description: 'No slot was named.' })
  @NotFound()
  async unload(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    this.deployments.named(model);
    if (namesNext(body))
      return this.changes.make(request, response, model, { kind: 'unload-next' }, () => ({
        name: model,
        ready: false,
      }));
    throw new DomainError(
      'unload-not-allowed',
      `explicit model load / unload is not allowed for '${model}': a deployment serves until it is deleted. Empty next with ` +
        '{"parameters": {"slot": "next"}}, load another version, or delete the deployment',
    );
  }

  /** Clients of Triton look for how the sentence begins. */
  private toLoadInto(model: string): Deployment {
    try {
      return this.deployments.named(model);
    } catch (error) {
      if (!isDomainError(error, 'deployment-not-found')) throw error;
      throw new DomainError(error.code, `failed to load '${model.slice(0, 100)}': ${error.message}`);
    }
  }
}

/** The version that describes a deployment: the one that is asked for, else current. Throws DomainError. */
function loadedIn(deployment: Deployment, version: string | undefined): LoadedVersion {
  const loaded = deployment.held[version === undefined ? 'current' : deployment.slotOf(version)];
  if (loaded === null) throw noVersion(deployment.name);
  return loaded;
}

function versionsOf({ held: { current, next } }: Deployment): string[] {
  const versions = [current, next].map((loaded) => loaded?.identity.version ?? undefined);
  return [...new Set(versions)].filter((version) => version !== undefined);
}

const noVersion = (name: string): DomainError =>
  new DomainError('model-not-ready', `'${name}' holds no version yet: load one with POST /update-model`);
