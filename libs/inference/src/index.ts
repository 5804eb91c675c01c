export {
  allocate,
  type Datatype,
  datatypeFromNumpy,
  datatypeFromOnnx,
  datatypeFromRuntime,
  DATATYPES,
  type NumericArray,
  type TensorData,
} from './datatype';
export {
  encodeFailure,
  encodeFrame,
  failureSentence,
  type Frame,
  type FrameTensor,
  type ReceivedTensor,
} from './frame/frame';
export { fromFloat16Bits, toFloat16Bits } from './float16';
export { FrameSplitter } from './frame/frame-splitter';
export { readJson } from './json/read-json';
export { decodePredict, type DecodeResult } from './predict/decode-predict';
export { encodePredictions } from './predict/encode-predict';
export type { DeclaredColumn, DeclaredItem, DeclaredSignature, DeclaredTensor } from './signature/declared-signature';
export { type GraphSignature, type ModelSignature, resolveSignature, whyInputsDoNotFit } from './signature/signature';
export { describeSpec, elementCount, sliceData, type Tensor, type TensorSpec, type TensorValue } from './tensor';
