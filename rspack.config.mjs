import { dirname, join } from 'node:path';
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

/**
 * The server's bundle is a script: what V8 compiled of a module cannot be kept, and of a script it can (tools/main.mjs, which also says
 * what `__url` is).
 */
function asScript({ output, experiments, plugins = [] }) {
  const inFolderOf = (name) => output.filename.replace(/main\.js$/, name);
  return {
    output: {
      ...output,
      filename: inFolderOf('bundle.cjs'),
      module: false,
      library: { type: 'commonjs2' },
    },
    experiments: { ...experiments, outputModule: false },
    plugins: [...plugins, new rspack.DefinePlugin({ 'import.meta.url': '__url' })],
  };
}

/** What a runner's second thread runs is a file of its own. */
function withWatchdog({ entry, output }) {
  const [main] = [entry].flat();
  return {
    entry: { main, 'watchdog-thread': join(dirname(main), 'watchdog-thread.ts') },
    output: { ...output, filename: output.filename.replace(/main\.js$/, '[name].js') },
  };
}

/** What differs from one application to the other. Tools that only read this file ask for neither. */
const PARTS = { server: asScript, runner: withWatchdog };

const applicationOf = ({ output }) => /apps[/\\](\w+)[/\\]main\.js$/.exec(output?.filename ?? '')?.[1];

const isServer = (options) => applicationOf(options) === 'server';

export default (options) => ({
  ...options,
  ...PARTS[applicationOf(options)]?.(options),
  externals: [
    ({ request }, callback) => {
      if (request === undefined) return callback();
      if (NOT_INSTALLED.test(request)) return callback(null, `node-commonjs ${request}`);
      if (isLeft(request)) return callback(null, `node-commonjs ${request}`);
      callback();
    },
  ],
  externalsPresets: { node: true },
  node: { __filename: false, __dirname: false },
  module: {
    ...options.module,
    rules: (options.module?.rules ?? []).map(withPlainFields),
    parser: {
      ...options.module?.parser,
      javascript: isServer(options)
        ? // One file: what is loaded later is kept compiled with the rest.
          { importMeta: true, dynamicImportMode: 'eager' }
        : // Stays what it says: the place of the built file.
          { importMeta: false },
    },
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
