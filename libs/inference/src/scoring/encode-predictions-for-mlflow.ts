import { encodeNested, encoderFor } from '../json/encode-elements';
import type { Tensor } from '../tensor';
import type { AnswerForm } from './decode-invocation';

/**
 * The body that answers `POST /invocations`, as MLflow's ONNX flavor has it: `{"predictions": {"label": [...], ...}}`, or as records
 * `{"predictions": [{"label": 0}, ...]}` with every output flattened, one record for each element (so `[N, K]` gives N times K).
 * Outputs of different sizes cannot be records: MLflow answers 400 then, this the arrays.
 *
 * NaN and the infinities are the strings "NaN", "Infinity" and "-Infinity", as in every answer of this product: MLflow writes them
 * bare, which is not JSON; null would hide which of them it was. Python's `float` and numpy read these strings.
 */
export function encodePredictionsForMlflow(outputs: readonly Tensor[], answer: AnswerForm): string {
  const length = outputs[0]?.data.length;
  const sameLength = outputs.every(({ data }) => data.length === length);
  const predictions = answer === 'records' && sameLength ? encodeRecords(outputs, length ?? 0) : encodeArrays(outputs);
  return `{"predictions":${predictions}}`;
}

function encodeArrays(outputs: readonly Tensor[]): string {
  return `{${outputs.map((output) => `${JSON.stringify(output.name)}:${encodeNested(output)}`).join(',')}}`;
}

function encodeRecords(outputs: readonly Tensor[], length: number): string {
  const members = outputs.map(({ name, datatype, data }, index) => ({
    before: `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    encode: encoderFor(datatype),
    data,
  }));
  let text = '[';
  for (let index = 0; index < length; index++) {
    if (index > 0) text += ',';
    for (const { before, encode, data } of members) text += before + encode(data, index);
    text += '}';
  }
  return `${text}]`;
}
