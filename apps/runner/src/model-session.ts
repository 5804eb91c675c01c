import {
  allocate,
  type Datatype,
  datatypeFromRuntime,
  DATATYPES,
  type FrameTensor,
  type GraphSignature,
  type TensorValue,
  type TensorData,
} from '@understudy/inference';
import type { ExecutionProvider, ExecutionSettings, LoadCommand } from '@understudy/model-slots';
import type * as runtimeNamespace from 'onnxruntime-node';
import type { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node';
import type { CheckedModel } from './check-model';
import { LoadFailure, runtimeMessage } from './load-failure';
import { type GraphOrigin, openKept } from './optimized/kept-graph';
import { withMemoryAdvice } from './out-of-memory';

type Runtime = typeof runtimeNamespace;

/** Loads the native library. Late, so that a file that was refused never gets near it. */
async function loadRuntime(): Promise<Runtime> {
  return import('onnxruntime-node');
}

/** What of the command a session needs to know. */
export type SessionSource = Pick<
  LoadCommand,
  'modelPath' | 'directory' | 'execution' | 'optimizedGraphs' | 'memoryLimitBytes'
>;

/** What a run complains about comes back as its error. The runtime would also write it to the log, with values of the client's rows in it. */
const RUN = { logSeverityLevel: 4 } as const;

/** One model in memory. `run` keeps this process's only thread busy until it is done. */
export class ModelSession {
  private readonly outputNames: readonly string[];

  private constructor(
    private readonly runtime: Runtime,
    private readonly session: InferenceSession,
    private readonly graph: GraphSignature,
    private readonly source: SessionSource,
    readonly origin: GraphOrigin,
  ) {
    this.outputNames = graph.outputs.map(({ name }) => name);
  }

  /** Loads a model that was checked. Throws {@link LoadFailure} with the runtime's reason. */
  static async load(model: CheckedModel, source: SessionSource): Promise<ModelSession> {
    const runtime = await loadRuntime();
    requireProvider(runtime, source.execution.provider);
    const open = async (from: string | Uint8Array, options: InferenceSession.SessionOptions) =>
      typeof from === 'string'
        ? runtime.InferenceSession.create(from, options)
        : runtime.InferenceSession.create(from, options);
    const version = runtime.env.versions.node ?? runtime.env.versions.common;
    try {
      const { session, graph } = await openKept(open, version, model, source, sessionOptions(source.execution));
      return new ModelSession(runtime, session, model.graph, source, graph);
    } catch (error) {
      throw new LoadFailure(whyNotLoaded(error, source), { cause: error });
    }
  }

  /**
   * Runs the model on tensors given by the position of their input, and returns every output by position.
   * Throws an Error with the runtime's reason when the model fails on them.
   */
  async run(inputs: readonly (TensorValue & { readonly index: number })[]): Promise<FrameTensor[]> {
    const feeds: Record<string, RuntimeTensor> = {};
    for (const { index, datatype, shape, data } of inputs) {
      const spec = this.graph.inputs[index];
      if (spec === undefined) throw new Error(`there is no input number ${index}`);
      feeds[spec.name] = this.toRuntime(datatype, data, shape);
    }
    const results = await this.session.run(feeds, this.outputNames, RUN).catch((error: unknown) => {
      throw new Error(reasonOf(error, this.source), { cause: error });
    });
    return this.graph.outputs.map(({ name }, index) => toFrameTensor(index, results[name] as RuntimeTensor));
  }

  private toRuntime(datatype: Datatype, data: TensorData, shape: readonly number[]): RuntimeTensor {
    const { runtimeName } = DATATYPES[datatype];
    // The library's types name the pairs of type and array one by one; DATATYPES is that table here.
    return new this.runtime.Tensor(runtimeName as 'float32', data as Float32Array, shape);
  }
}

function sessionOptions({ threads, provider, optimization }: ExecutionSettings): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // DirectML cannot have it.
    enableMemPattern: provider !== 'dml',
    graphOptimizationLevel: optimization,
    logSeverityLevel: 3,
    // Threads that have nothing to do would look for work for a while, on cores that other runners and the server need.
    ...(threads > 1 ? { extra: { session: { force_spinning_stop: '1' } } } : {}),
  };
}

/** What can be chosen anywhere. */
const PROVIDERS: readonly ExecutionProvider[] = ['cpu', 'cuda', 'coreml', 'dml'];

/** Refuses hardware that this build of the runtime knows nothing of, with what it does know. */
function requireProvider({ listSupportedBackends }: Runtime, provider: ExecutionProvider): void {
  const known = listSupportedBackends().map(({ name }) => name);
  if (known.includes(provider)) return;
  const here = PROVIDERS.filter((name) => known.includes(name)).join(', ');
  throw new LoadFailure(
    `The execution provider "${provider}" is not in the runtime for ${process.platform} ${process.arch}, which has: ${here}. ` +
      'Choose one of those (UNDERSTUDY_EXECUTION_PROVIDER), or run the server where it is',
  );
}

function whyNotLoaded(error: unknown, source: SessionSource): string {
  const { provider } = source.execution;
  const reason = reasonOf(error, source);
  // What the runtime says when the libraries of its hardware, or the hardware itself, are missing.
  if (provider !== 'cpu' && /AppendExecutionProvider|shared library|no available backend/i.test(reason)) {
    return (
      `The execution provider "${provider}" cannot be started: ${reason}. ` +
      'Install its libraries (docs/settings.md says how), or choose "cpu" (UNDERSTUDY_EXECUTION_PROVIDER)'
    );
  }
  return `The runtime cannot load the model: ${reason}`;
}

function reasonOf(error: unknown, { directory, memoryLimitBytes }: SessionSource): string {
  return withMemoryAdvice(runtimeMessage(error, directory), memoryLimitBytes);
}

function toFrameTensor(index: number, tensor: RuntimeTensor): FrameTensor {
  const datatype = datatypeFromRuntime(tensor.type);
  if (datatype === undefined) throw new Error(`an output of type ${tensor.type} cannot be given out`);
  return { index, datatype, shape: tensor.dims, pieces: [tensor.data] };
}

/** A tensor of zeros (empty strings), open sizes taken as 1. */
export function zeros(datatype: Datatype, shape: readonly number[]): TensorValue {
  const sizes = shape.map((size) => Math.max(size, 1));
  const length = sizes.reduce((product, size) => product * size, 1);
  return { datatype, shape: sizes, data: allocate(datatype, length) };
}
