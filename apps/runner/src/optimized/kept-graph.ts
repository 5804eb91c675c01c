import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import type { LoadCommand } from '@understudy/model-slots';
import type { InferenceSession } from 'onnxruntime-node';
import type { CheckedModel } from '../check-model';
import { discard, GRAPH_FILE, GraphStore, WEIGHTS_FILE } from './graph-store';
import { thisProcessor } from './processor';

/** Grows when what is kept changes its form. */
const FORM = 1;

/**
 * What is worth keeping. Below it a load takes some 100 ms either way; above it, measured: 9,000 small nodes 1.3 s and 0.3 s
 * kept, 400 MB of weights in 900 nodes 2.0 s and 1.1 s, of which 0.8 s are the look whether the bytes are right.
 */
const ENOUGH_NODES = 1000;
const ENOUGH_WEIGHT_BYTES = 64 * 1024 * 1024;

/** Weights below this stay in the graph's own file. */
const SMALLEST_OUTSIDE_BYTES = 1024;

export type GraphOrigin = 'optimised' | 'optimised-and-kept' | 'kept';

export interface Opened {
  readonly session: InferenceSession;
  readonly graph: GraphOrigin;
}

/** Opens a session on a model with these options. Rejects with the runtime's error. */
export type OpenSession = (
  model: string | Uint8Array,
  options: InferenceSession.SessionOptions,
) => Promise<InferenceSession>;

export type KeptCommand = Pick<LoadCommand, 'modelPath' | 'directory' | 'execution' | 'optimizedGraphs'>;

/**
 * Opens a session on the model: on its optimised graph where an earlier load kept that, else on the file, keeping the graph where
 * that is worth it. Whatever goes wrong with keeping, the model itself is loaded.
 */
export async function openKept(
  open: OpenSession,
  runtimeVersion: string,
  model: CheckedModel,
  command: KeptCommand,
  options: InferenceSession.SessionOptions,
): Promise<Opened> {
  const { optimizedGraphs } = command;
  if (optimizedGraphs !== null && isWorthKeeping(model, command)) {
    const store = new GraphStore(optimizedGraphs.directory, optimizedGraphs.maxBytes);
    const key = keyOf(runtimeVersion, command, optimizedGraphs.version);
    const session =
      (await openFound(open, store, key, options)) ?? (await openAndKeep(open, store, key, model, command, options));
    if (session !== undefined) return session;
  }
  return { session: await open(model.rewritten ?? command.modelPath, options), graph: 'optimised' };
}

/** Other hardware compiles what it runs, which cannot be written; a model that is rewritten is small. */
function isWorthKeeping({ size, rewritten }: CheckedModel, { execution }: KeptCommand): boolean {
  return (
    rewritten === undefined &&
    execution.provider === 'cpu' &&
    execution.optimization !== 'disabled' &&
    (size.nodes >= ENOUGH_NODES || size.weightBytes >= ENOUGH_WEIGHT_BYTES)
  );
}

/** Everything that the runtime's work depends on. */
function keyOf(runtimeVersion: string, { execution, modelPath, directory }: KeptCommand, version: string): string {
  const parts = [
    FORM,
    runtimeVersion,
    thisProcessor(),
    execution.optimization,
    version,
    relative(directory, modelPath),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function openFound(
  open: OpenSession,
  store: GraphStore,
  key: string,
  options: InferenceSession.SessionOptions,
): Promise<Opened | undefined> {
  const folder = store.find(key);
  if (folder === undefined) return undefined;
  try {
    // It is optimised already: looking for more to do would take the time that was to be saved.
    const session = await open(join(folder, GRAPH_FILE), { ...options, graphOptimizationLevel: 'disabled' });
    return { session, graph: 'kept' };
  } catch {
    store.remove(key);
    return undefined;
  }
}

async function openAndKeep(
  open: OpenSession,
  store: GraphStore,
  key: string,
  model: CheckedModel,
  { modelPath }: KeptCommand,
  options: InferenceSession.SessionOptions,
): Promise<Opened | undefined> {
  let staged: string | undefined;
  try {
    if (!store.hasRoomFor(model.size.weightBytes)) return undefined;
    staged = store.stage();
    const session = await open(modelPath, { ...options, ...keepIn(staged, options) });
    return { session, graph: keepQuietly(store, staged, key) ? 'optimised-and-kept' : 'optimised' };
  } catch {
    // The disk, or a graph that cannot be written; the model itself may be fine.
    if (staged !== undefined) discard(staged);
    return undefined;
  }
}

function keepQuietly(store: GraphStore, staged: string, key: string): boolean {
  try {
    return store.keep(staged, key);
  } catch {
    return false;
  }
}

/** Session options that write the optimised graph, with its weights beside it in the form in which they are used. */
function keepIn(folder: string, { extra }: InferenceSession.SessionOptions): InferenceSession.SessionOptions {
  return {
    optimizedModelFilePath: join(folder, GRAPH_FILE),
    extra: {
      session: {
        ...(extra?.['session'] as Record<string, string> | undefined),
        optimized_model_external_initializers_file_name: WEIGHTS_FILE,
        optimized_model_external_initializers_min_size_in_bytes: String(SMALLEST_OUTSIDE_BYTES),
        save_external_prepacked_constant_initializers: '1',
      },
    },
  };
}
