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
import type { LoadCommand } from '@understudy/model-slots';
import type * as runtimeNamespace from 'onnxruntime-node';
import type { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node';
import { LoadFailure, runtimeMessage } from './load-failure';
import { withMemoryAdvice } from './out-of-memory';

type Runtime = typeof runtimeNamespace;

/** Loads the native library. Late, so that a file that was refused never gets near it. */
async function loadRuntime(): Promise<Runtime> {
  return import('onnxruntime-node');
}

/** What of the command a session needs to know. */
export type SessionSource = Pick<LoadCommand, 'modelPath' | 'directory' | 'threads' | 'memoryLimitBytes'>;

/** One model in memory. `run` keeps this process's only thread busy until it is done. */
export class ModelSession {
  private constructor(
    private readonly runtime: Runtime,
    private readonly session: InferenceSession,
    private readonly graph: GraphSignature,
    private readonly source: SessionSource,
  ) {}

  /** Loads the file, or `rewritten` in its place. Throws {@link LoadFailure} with the runtime's reason. */
  static async load(graph: GraphSignature, source: SessionSource, rewritten?: Uint8Array): Promise<ModelSession> {
    const runtime = await loadRuntime();
    const options: InferenceSession.SessionOptions = {
      intraOpNumThreads: source.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    };
    try {
      const session = await (rewritten === undefined
        ? runtime.InferenceSession.create(source.modelPath, options)
        : runtime.InferenceSession.create(rewritten, options));
      return new ModelSession(runtime, session, graph, source);
    } catch (error) {
      throw new LoadFailure(`The runtime cannot load the model: ${reasonOf(error, source)}`, { cause: error });
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
    const results = await this.session.run(feeds).catch((error: unknown) => {
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
