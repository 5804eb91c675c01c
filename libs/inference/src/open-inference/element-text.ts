import { DATATYPES, type Datatype, type TensorData } from '../datatype';
import { encodeFloat, encoderFor } from '../json/encode-elements';
import { shortestFloat32 } from './shortest-float32';

/** Whether the protocol lets elements of this datatype be written in JSON; the others are binary data only. */
export const hasJsonForm = (datatype: Datatype): boolean => datatype !== 'FP16';

/**
 * The elements as a flat JSON array. Floats have the fewest digits that read back the same; what JSON has no number for is the bare
 * word NaN, Infinity or -Infinity, which the protocol's clients read.
 */
export function writeFlatElements(datatype: Datatype, data: TensorData): string {
  const encode = textOf(datatype);
  let text = '[';
  for (let index = 0; index < data.length; index++) text += index === 0 ? encode(data, 0) : `,${encode(data, index)}`;
  return `${text}]`;
}

function textOf(datatype: Datatype): (data: TensorData, index: number) => string {
  if (DATATYPES[datatype].kind !== 'float') return encoderFor(datatype);
  return datatype === 'FP32'
    ? (data, index) => floatText(shortestFloat32(data[index] as number))
    : (data, index) => floatText(data[index] as number);
}

const floatText = (value: number): string => (Number.isFinite(value) ? encodeFloat(value) : String(value));
