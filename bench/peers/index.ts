import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Peer, type PeerContext, startProcess } from '../peer';

const bundledModel = (root: string): string => join(root, 'models', 'tracking-quickstart', '3', 'model.onnx');

const noop: Peer = {
  name: 'no-op node:http',
  needs: 'node',
  path: '/predict',
  start: async ({ root }) =>
    startProcess({
      command: process.execPath,
      args: (port) => [join(root, 'bench', 'peers', 'noop.mjs'), String(port)],
      readyPath: '/',
    }),
};

const onnxInline: Peer = {
  name: 'node:http + onnxruntime in line',
  needs: 'node',
  path: '/predict',
  start: async ({ root }) =>
    startProcess({
      command: process.execPath,
      args: (port) => [join(root, 'bench', 'peers', 'onnx-inline.mjs'), String(port), bundledModel(root)],
      environment: () => ({ ORT_DISABLE_TELEMETRY: '1' }),
      readyPath: '/',
    }),
};

const understudy: Peer = {
  name: 'Understudy',
  needs: 'node',
  path: '/predict',
  start: async (context) => startUnderstudy(context),
};

/** Our server with version 3 of the bundled models in both slots, or with what `environment` names. */
export async function startUnderstudy({ root }: PeerContext, environment: Readonly<Record<string, string>> = {}) {
  const data = mkdtempSync(join(tmpdir(), 'bench-data-'));
  const running = await startProcess({
    command: process.execPath,
    args: () => [join(root, 'dist', 'apps', 'server', 'main.js')],
    environment: (port) => ({
      PORT: String(port),
      UNDERSTUDY_DATA_DIR: data,
      UNDERSTUDY_MODEL_URI: 'models:/tracking-quickstart/3',
      UNDERSTUDY_LOG_FORMAT: 'json',
      UNDERSTUDY_LAME_DUCK_MS: '0',
      ...environment,
    }),
    readyPath: '/readyz',
  });
  return {
    ...running,
    stop: async () => {
      await running.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

const specService: Peer = {
  name: "the spec's service (FastAPI + mlflow.pyfunc, scikit-learn)",
  needs: 'python',
  path: '/predict',
  start: async ({ root, python }) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-model-'));
    const model = join(folder, 'model');
    execFileSync(python as string, [join(root, 'bench', 'python', 'make_model.py'), model], { stdio: 'ignore' });
    const running = await startProcess({
      command: python as string,
      args: (port) => [join(root, 'bench', 'python', 'spec_service.py'), String(port)],
      environment: () => ({ MODEL_URI: model }),
      readyPath: '/',
    });
    return {
      ...running,
      stop: async () => {
        await running.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

/** In the order of the table. The first is what the others are compared with. */
export const PEERS: readonly Peer[] = [noop, onnxInline, understudy, specService];
