import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVER_ENVIRONMENT, SERVER_FLAGS } from '../../tools/server-flags.mjs';
import { type Peer, type PeerContext, type RunningPeer, startProcess } from '../peer';
import { removeFolder, scratchFolder } from '../scratch';

const bundledModel = (root: string): string => join(root, 'models', 'tracking-quickstart', '3', 'model.onnx');

/** A program in this folder, run by Node, that listens on the port it is told. */
export const nodeProgram = (root: string, file: string, ...args: readonly string[]) => ({
  command: process.execPath,
  args: (port: number) => [join(root, 'bench', 'peers', file), String(port), ...args],
  environment: () => ({ ORT_DISABLE_TELEMETRY: '1' }),
  cwd: root,
});

/** A peer that is one file run by Node. */
const nodePeer = (name: string, file: string, more: Partial<Peer> = {}): Peer => ({
  name,
  needs: 'node',
  forms: ['predict'],
  start: async ({ root }) => startProcess({ ...nodeProgram(root, file, bundledModel(root)), readyPath: '/' }),
  ...more,
});

export const inLine = nodePeer('node:http + onnxruntime in line', 'onnx-inline.mjs');

export const understudy: Peer = {
  name: 'Understudy',
  needs: 'node',
  forms: ['predict', 'invocations', 'v2'],
  start: async (context) => startUnderstudy(context),
};

/** Our server with version 3 of the bundled models in both slots, or with what `environment` names. */
export async function startUnderstudy(
  { root }: Pick<PeerContext, 'root'>,
  environment: Readonly<Record<string, string>> = {},
) {
  const data = scratchFolder('data');
  const running = await startProcess({
    command: process.execPath,
    args: () => [...SERVER_FLAGS, join(root, 'dist', 'apps', 'server', 'main.js')],
    environment: (port) => ({
      ...SERVER_ENVIRONMENT,
      PORT: String(port),
      UNDERSTUDY_DATA_DIR: data,
      UNDERSTUDY_MODEL_URI: 'models:/tracking-quickstart/3',
      UNDERSTUDY_LOG_FORMAT: 'json',
      UNDERSTUDY_LAME_DUCK_MS: '0',
      ...environment,
    }),
    readyPath: '/readyz',
  });
  return ownsFolder(running, data);
}

const specService: Peer = {
  name: "the spec's service (FastAPI + mlflow.pyfunc, scikit-learn)",
  needs: 'bench/requirements.txt',
  forms: ['predict'],
  start: async ({ root, python }) => {
    const folder = scratchFolder('model');
    const model = join(folder, 'model');
    execFileSync(python, [join(root, 'bench', 'python', 'make_model.py'), model], { stdio: 'ignore' });
    const running = await startProcess({
      command: python,
      args: (port) => [join(root, 'bench', 'python', 'spec_service.py'), String(port)],
      environment: () => ({ MODEL_URI: model }),
      readyPath: '/',
    });
    return ownsFolder(running, folder);
  },
};

const fastApi: Peer = {
  name: 'FastAPI + onnxruntime',
  needs: 'bench/requirements.txt',
  forms: ['predict'],
  start: async ({ root, python }) =>
    startProcess({
      command: python,
      args: (port) => [join(root, 'bench', 'python', 'onnx_service.py'), String(port), bundledModel(root)],
      readyPath: '/',
    }),
};

const mlflowServe: Peer = {
  name: 'mlflow models serve (ONNX flavor)',
  needs: 'bench/requirements.txt',
  forms: ['invocations'],
  start: async ({ root, python }) =>
    startProcess({
      command: python,
      args: (port) =>
        [
          '-m',
          'mlflow',
          'models',
          'serve',
          '--env-manager',
          'local',
          '--host',
          '127.0.0.1',
          '--port',
          String(port),
        ].concat(['--model-uri', join(bundledModel(root), '..')]),
      environment: () => ({
        MLFLOW_DISABLE_TELEMETRY: 'true',
        DO_NOT_TRACK: 'true',
        // It starts the server with whatever python comes first.
        PATH: `${join(python, '..')}:${process.env['PATH'] ?? ''}`,
      }),
      readyPath: '/ping',
    }),
};

const mlServer: Peer = {
  name: 'MLServer (ONNX runtime)',
  needs: 'bench/requirements-mlserver.txt',
  forms: ['v2'],
  start: async ({ root, python }) => {
    const folder = scratchFolder('mlserver');
    writeFileSync(
      join(folder, 'model-settings.json'),
      JSON.stringify({ name: 'default', implementation: 'mlserver_onnx.OnnxModel', parallel_workers: 0 }),
    );
    const running = await startProcess({
      command: join(python, '..', 'mlserver'),
      args: () => ['start', folder],
      environment: (port) => ({
        MLSERVER_HOST: '127.0.0.1',
        MLSERVER_HTTP_PORT: String(port),
        MLSERVER_GRPC_PORT: String(port + 1),
        MLSERVER_METRICS_PORT: String(port + 2),
        MLSERVER_PARALLEL_WORKERS: '0',
        MLSERVER_DEBUG: 'false',
        ONNX_FILE: bundledModel(root),
        PYTHONPATH: join(root, 'bench', 'python'),
      }),
      readyPath: '/v2/health/ready',
    });
    return ownsFolder(running, folder);
  },
};

/** The folder goes when the peer does. */
const ownsFolder = (running: RunningPeer, folder: string): RunningPeer => ({
  ...running,
  stop: async () => {
    await running.stop();
    removeFolder(folder);
  },
});

/** In the order of the table. The first is what the others are compared with; whatever it is asked, it answers the same. */
export const PEERS: readonly Peer[] = [
  nodePeer('no-op node:http', 'noop.mjs', { forms: ['predict', 'invocations', 'v2'], answersAnything: true }),
  inLine,
  nodePeer('naive Nest (Express, ValidationPipe, in line)', 'naive-nest.mjs'),
  understudy,
  fastApi,
  specService,
  mlflowServe,
  mlServer,
];
