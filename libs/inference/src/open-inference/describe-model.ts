import type { Datatype } from '../datatype';
import type { ModelSignature } from '../signature/signature';
import type { TensorSpec } from '../tensor';

interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 for a size that is open. */
  readonly shape: readonly number[];
}

/** The answer to `GET /v2/models/{name}`. */
export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** Triton's name for what runs ONNX files; its clients know it. */
const PLATFORM = 'onnxruntime_onnx';
const BACKEND = 'onnxruntime';

/** What a model says of itself; `versions` are those that answer, or the one that was asked for. */
export function modelMetadata(name: string, versions: readonly string[], signature: ModelSignature): ModelMetadata {
  const describe = ({ name: tensor, datatype, shape }: TensorSpec): TensorMetadata => ({
    name: tensor,
    datatype,
    shape,
  });
  const inputs = signature.inputs.map(describe);
  return { name, versions, platform: PLATFORM, inputs, outputs: signature.outputs.map(describe) };
}

interface TensorConfig {
  readonly name: string;
  readonly data_type: string;
  /** Without the batch axis. */
  readonly dims: readonly number[];
}

/** The answer to `GET /v2/models/{name}/config`: the part of Triton's ModelConfig that perf_analyzer reads. */
export interface ModelConfig {
  readonly name: string;
  readonly platform: string;
  readonly backend: string;
  readonly max_batch_size: number;
  readonly input: readonly TensorConfig[];
  readonly output: readonly TensorConfig[];
  readonly dynamic_batching?: Readonly<Record<string, never>>;
}

/** `maxBatchSize` is how many rows share a run at most; 0 for a model whose rows never do. */
export function modelConfig(name: string, signature: ModelSignature, maxBatchSize: number): ModelConfig {
  const batched = maxBatchSize > 0;
  const describe = ({ name: tensor, datatype, shape }: TensorSpec): TensorConfig => ({
    name: tensor,
    data_type: datatype === 'BYTES' ? 'TYPE_STRING' : `TYPE_${datatype}`,
    dims: batched ? shape.slice(1) : shape,
  });
  return {
    name,
    platform: PLATFORM,
    backend: BACKEND,
    max_batch_size: maxBatchSize,
    input: signature.inputs.map(describe),
    output: signature.outputs.map(describe),
    ...(batched ? { dynamic_batching: {} } : {}),
  };
}
