import { DATATYPES, type Datatype, type TensorData } from '../datatype';
import { fromFloat16Bits } from '../float16';
import type { TensorValue } from '../tensor';

export type ElementEncoder = (data: TensorData, index: number) => string;

/**
 * How one element is written in JSON so that its type can be told: an integer `2`, a float `2.0`, a 64-bit integer with all its
 * digits, a boolean, a string. JSON has no NaN and no infinity: they are the strings "NaN", "Infinity" and "-Infinity".
 */
export function encoderFor(datatype: Datatype): ElementEncoder {
  if (datatype === 'FP16') return (data, index) => encodeFloat(fromFloat16Bits(data[index] as number));
  switch (DATATYPES[datatype].kind) {
    case 'boolean':
      return (data, index) => (data[index] === 0 ? 'false' : 'true');
    case 'text':
      return (data, index) => JSON.stringify(data[index]);
    case 'float':
      return (data, index) => encodeFloat(data[index] as number);
    case 'integer':
      return (data, index) => String(data[index]);
    case 'integer64':
      return (data, index) => encodeInteger64(data[index] as bigint);
  }
}

/** Most are small, and a number becomes text in a tenth of the time that a bigint takes. */
function encodeInteger64(value: bigint): string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? String(number) : String(value);
}

export function encodeFloat(value: number): string {
  const text = String(value);
  if (Number.isInteger(value)) {
    if (Object.is(value, -0)) return '-0.0';
    return text.includes('e') ? text : `${text}.0`;
  }
  return Number.isFinite(value) ? text : `"${text}"`;
}

/** The tensor as nested JSON arrays; a scalar as a bare value. */
export function encodeNested({ datatype, shape, data }: TensorValue): string {
  const encode = encoderFor(datatype);
  let next = 0;
  const encodeAxis = (axis: number): string => {
    if (axis === shape.length) return encode(data, next++);
    const size = shape[axis] as number;
    let text = '[';
    for (let index = 0; index < size; index++) text += index === 0 ? encodeAxis(axis + 1) : `,${encodeAxis(axis + 1)}`;
    return `${text}]`;
  };
  return encodeAxis(0);
}
