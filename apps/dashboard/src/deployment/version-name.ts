/** A version as people say it: `fraud v13`; a logged model or a run by its URI. */
export function versionName({
  name,
  version,
  uri,
}: {
  readonly name: string;
  readonly version: string | null;
  readonly uri: string;
}): string {
  return version === null ? uri : `${name} v${version}`;
}

const SHORT_TYPES: Readonly<Record<string, string>> = {
  FP16: 'f16',
  FP32: 'f32',
  FP64: 'f64',
  INT8: 'i8',
  INT16: 'i16',
  INT32: 'i32',
  INT64: 'i64',
  UINT8: 'u8',
  UINT16: 'u16',
  UINT32: 'u32',
  UINT64: 'u64',
  BOOL: 'bool',
  BYTES: 'text',
};

interface TensorLike {
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** `f32[?, 30]`: a datatype and a shape, open sizes as question marks. */
function describeTensor({ datatype, shape }: TensorLike): string {
  return `${SHORT_TYPES[datatype] ?? datatype}[${shape.map((size) => (size < 0 ? '?' : size)).join(', ')}]`;
}

interface SignatureLike {
  readonly inputs: readonly TensorLike[];
  readonly outputs: readonly TensorLike[];
}

/** `f32[?, 30] → i64[?], f32[?, 3]`. */
export function describeSignature({ inputs, outputs }: SignatureLike): string {
  return `${inputs.map(describeTensor).join(', ')} → ${outputs.map(describeTensor).join(', ')}`;
}
