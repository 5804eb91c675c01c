import { rspack } from '@rspack/core';

/**
 * One file for each application, its pure-JavaScript dependencies included: the server starts in a third of the time and with
 * 40 MB less than from a thousand small files (docs/adr/0002-bundled-applications.md). What holds native code or reads files
 * beside itself stays in node_modules.
 */
const LEFT_IN_NODE_MODULES = ['onnxruntime-node', 'libsql', 'swagger-ui-dist'];

/** Nest asks for these only if they are there; Understudy uses none of them. */
const NOT_INSTALLED =
  /^(@nestjs\/(microservices|websockets|platform-socket\.io|platform-ws)|@fastify\/(static|view|multipart)|fastify|@mikro-orm\/core|@nestjs\/(sequelize|mongoose))(\/|$)/;

const isLeft = (request) => LEFT_IN_NODE_MODULES.some((name) => request === name || request.startsWith(`${name}/`));

/**
 * Class fields become plain assignments. The CLI's default (ES2021) writes each through a helper that looks it up by name first, which
 * took 5 % of the time of a prediction.
 */
function withPlainFields(rule) {
  const use = rule.use.map((loader) => {
    const { jsc } = loader.options;
    const transform = { ...jsc.transform, useDefineForClassFields: false };
    return { ...loader, options: { ...loader.options, jsc: { ...jsc, target: 'es2022', transform } } };
  });
  return { ...rule, use };
}

/**
 * Node holds the text of a bundle in memory for as long as it runs, at two bytes a character if one of them is beyond Latin-1.
 * Names and lines stay: Nest tells providers by their names, and a stack trace is read by people.
 */
const withoutComments = new rspack.SwcJsMinimizerRspackPlugin({
  extractComments: false,
  minimizerOptions: { minify: false, mangle: false, compress: false, format: { comments: false, asciiOnly: true } },
});

export default (options) => ({
  ...options,
  externals: [
    ({ request }, callback) => {
      if (request === undefined) return callback();
      if (NOT_INSTALLED.test(request)) return callback(null, `node-commonjs ${request}`);
      if (isLeft(request)) return callback(null, `node-commonjs ${request}`);
      callback();
    },
  ],
  externalsPresets: { node: true },
  module: {
    ...options.module,
    rules: (options.module?.rules ?? []).map(withPlainFields),
    // Keep import.meta.url what it says: the place of the built file.
    parser: { ...options.module?.parser, javascript: { importMeta: false } },
  },
  devtool: 'source-map',
  optimization: {
    nodeEnv: 'production',
    minimize: true,
    minimizer: [withoutComments],
    concatenateModules: true,
    usedExports: true,
    sideEffects: true,
  },
  performance: { hints: false },
});
