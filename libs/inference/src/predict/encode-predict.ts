import { encodeNested, encoderFor } from '../json/encode-elements';
import type { TensorValue } from '../tensor';

/**
 * The body that answers `POST /predict`: the output with its batch axis first, `[N]` and `[N, 1]` both as a flat list, and the
 * slot that answered.
 */
export function encodePredictions(output: TensorValue, slot: 'current' | 'next'): string {
  return `{"predictions":${encodePredictedValues(output)},"model_used":"${slot}"}`;
}

function encodePredictedValues(output: TensorValue): string {
  const { datatype, shape, data } = output;
  const flat = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!flat) return encodeNested(output);
  const encode = encoderFor(datatype);
  let text = '[';
  for (let index = 0; index < data.length; index++) text += index === 0 ? encode(data, 0) : `,${encode(data, index)}`;
  return `${text}]`;
}
