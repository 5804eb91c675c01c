import { type Datatype, DATATYPES } from '@understudy/inference';
import { buildModel } from './build-model';

/** Models whose inputs and outputs show what a protocol can carry: everything is given out as it came, or nearly. */

/** `INPUT0` and `INPUT1`, integers of exactly one row of 16; out come their sum and their difference. Triton's own example. */
export function simpleModel(): Uint8Array {
  const tensor = (name: string) => ({ name, type: 'INT32', shape: [1, 16] }) as const;
  return buildModel({
    inputs: [tensor('INPUT0'), tensor('INPUT1')],
    outputs: [tensor('OUTPUT0'), tensor('OUTPUT1')],
    nodes: [
      { op: 'Add', inputs: ['INPUT0', 'INPUT1'], outputs: ['OUTPUT0'] },
      { op: 'Sub', inputs: ['INPUT0', 'INPUT1'], outputs: ['OUTPUT1'] },
    ],
  });
}

export const EVERY_DATATYPE = Object.keys(DATATYPES) as readonly Datatype[];

/** An input for each datatype, `in_INT64` and so on, of rows of two, given out again as `out_INT64` and so on. */
export function everyTypeModel(): Uint8Array {
  return buildModel({
    inputs: EVERY_DATATYPE.map((type) => ({ name: `in_${type}`, type, shape: [-1, 2] })),
    outputs: EVERY_DATATYPE.map((type) => ({ name: `out_${type}`, type, shape: [-1, 2] })),
    nodes: EVERY_DATATYPE.map((type) => ({ op: 'Identity', inputs: [`in_${type}`], outputs: [`out_${type}`] })),
  });
}

/** A lone number and a list of any length: the list times the number. Its rows never share a run. */
export function scalarModel(): Uint8Array {
  return buildModel({
    inputs: [
      { name: 'factor', type: 'FP64', shape: [] },
      { name: 'list', type: 'FP64', shape: [-1] },
    ],
    outputs: [
      { name: 'factor_out', type: 'FP64', shape: [] },
      { name: 'product', type: 'FP64', shape: [-1] },
    ],
    nodes: [
      { op: 'Identity', inputs: ['factor'], outputs: ['factor_out'] },
      { op: 'Mul', inputs: ['list', 'factor'], outputs: ['product'] },
    ],
  });
}
