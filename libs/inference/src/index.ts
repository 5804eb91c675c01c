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
export { FrameMemory } from './frame/frame-memory';
export { FrameSplitter } from './frame/frame-splitter';
export { readJson } from './json/read-json';
export { decodeInfer } from './open-inference/decode-infer';
export { modelConfig, type ModelConfig, modelMetadata, type ModelMetadata } from './open-inference/describe-model';
export { type EncodedAnswer, encodeInfer, type InferAnswer } from './open-inference/encode-infer';
export { type HeaderLength, INFERENCE_HEADER, readHeaderLength } from './open-inference/header-length';
export type { InferRequest, InferResult, RequestedOutput } from './open-inference/infer-request';
export type { InferRefusalCode } from './open-inference/refusal';
export { decodePredict, type DecodeResult } from './predict/decode-predict';
export { encodePredictions } from './predict/encode-predict';
export { type InputExample, readExample } from './predict/read-example';
export type { DeclaredColumn, DeclaredItem, DeclaredSignature, DeclaredTensor } from './signature/declared-signature';
export { type GraphSignature, type ModelSignature, resolveSignature, whyInputsDoNotFit } from './signature/signature';
export { describeSpec, elementCount, sliceData, type Tensor, type TensorSpec, type TensorValue } from './tensor';
export {
  type AnswerForm,
  type DeclaredAs,
  declaredAs,
  decodeInvocation,
  type InvocationResult,
} from './scoring/decode-invocation';
export { encodePredictionsForMlflow } from './scoring/encode-predictions-for-mlflow';
export { encodeScoringFailure, type ScoringFailure } from './scoring/scoring-failure';
