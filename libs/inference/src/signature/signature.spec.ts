import type { DeclaredSignature } from './declared-signature';
import { type ModelSignature, resolveSignature, whyInputsDoNotFit } from './signature';

const GRAPH = {
  inputs: [{ name: 'X', datatype: 'FP32' as const, shape: [-1, -1] }],
  outputs: [{ name: 'label', datatype: 'INT64' as const, shape: [-1] }],
};

const tensors = (...shapes: number[][]): DeclaredSignature => ({
  inputs: shapes.map((shape, index) => ({
    kind: 'tensor',
    name: index === 0 ? undefined : `x${index}`,
    datatype: 'FP32',
    shape,
  })),
  outputs: [],
});

const columns = (...names: (string | undefined)[]): DeclaredSignature => ({
  inputs: names.map((name) => ({ kind: 'column', name, type: 'double', required: true })),
  outputs: [],
});

describe('the signature to serve by', () => {
  it('is the graph alone where nothing is declared', () => {
    expect(resolveSignature(GRAPH, undefined, undefined)).toEqual({ ...GRAPH, source: 'onnx' });
  });

  it('takes the sizes that the graph leaves open from the MLmodel file, but the batch axis stays free', () => {
    expect(resolveSignature(GRAPH, tensors([1, 4]), undefined)).toEqual({
      inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 4] }],
      outputs: GRAPH.outputs,
      source: 'mlmodel',
    });
  });

  it('takes the names of columns from a column signature, and the width from their number', () => {
    expect(resolveSignature(GRAPH, columns('a', 'b', 'c'), undefined)).toMatchObject({
      inputs: [{ shape: [-1, 3] }],
      columns: ['a', 'b', 'c'],
    });
  });

  it('takes the names of columns from the metadata beside a tensor signature', () => {
    expect(resolveSignature(GRAPH, tensors([-1, 2]), ['a', 'b']).columns).toEqual(['a', 'b']);
  });

  it.each([
    [
      'too few names for the width',
      resolveSignature({ ...GRAPH, inputs: [{ ...GRAPH.inputs[0]!, shape: [-1, 4] }] }, columns('a'), undefined),
    ],
    ['a name given twice', resolveSignature(GRAPH, columns('a', 'a'), undefined)],
    ['columns without names', resolveSignature(GRAPH, columns(undefined, undefined), undefined)],
    [
      'several inputs',
      resolveSignature(
        { ...GRAPH, inputs: [GRAPH.inputs[0]!, { ...GRAPH.inputs[0]!, name: 'Z' }] },
        columns('a', 'b'),
        undefined,
      ),
    ],
    [
      'an image',
      resolveSignature(
        { ...GRAPH, inputs: [{ ...GRAPH.inputs[0]!, shape: [-1, 3, 3] }] },
        columns('a', 'b', 'c'),
        undefined,
      ),
    ],
  ])('has no column names for %s', (_, signature) => {
    expect(signature.columns).toBeUndefined();
  });
});

describe('whether next takes what clients of current send', () => {
  const model = (shape: number[], more: Partial<ModelSignature> = {}): ModelSignature => ({
    inputs: [{ name: 'X', datatype: 'FP32', shape }],
    outputs: [],
    source: 'onnx',
    ...more,
  });

  it.each([
    ['the same', model([-1, 4]), model([-1, 4])],
    [
      'a single input under another name',
      model([-1, 4], { inputs: [{ name: 'float_input', datatype: 'FP32', shape: [-1, 4] }] }),
      model([-1, 4]),
    ],
    ['a size that current leaves open', model([-1, 4]), model([-1, -1])],
    ['columns where current has no names', model([-1, 2], { columns: ['a', 'b'] }), model([-1, 2])],
  ])('does: %s', (_, candidate, current) => {
    expect(whyInputsDoNotFit(candidate, current)).toBeUndefined();
  });

  it.each([
    ['another width', model([-1, 5]), model([-1, 4]), 'its input "X" is FP32[?, 5], current\'s "X" is FP32[?, 4]'],
    ['another rank', model([-1]), model([-1, 4]), 'its input "X" is FP32[?], current\'s "X" is FP32[?, 4]'],
    ['a fixed batch', model([1, 4]), model([-1, 4]), 'its input "X" is FP32[1, 4], current\'s "X" is FP32[?, 4]'],
    [
      'another datatype',
      model([-1, 4], { inputs: [{ name: 'X', datatype: 'INT64', shape: [-1, 4] }] }),
      model([-1, 4]),
      'its input "X" is INT64[?, 4], current\'s "X" is FP32[?, 4]',
    ],
    [
      'other columns',
      model([-1, 2], { columns: ['b', 'a'] }),
      model([-1, 2], { columns: ['a', 'b'] }),
      "its columns are b, a; current's are a, b",
    ],
  ])('does not: %s', (_, candidate, current, why) => {
    expect(whyInputsDoNotFit(candidate, current)).toBe(why);
  });

  it('needs every input of several by name, and no more', () => {
    const spec = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1, 1] });
    const two = model([], { inputs: [spec('a'), spec('b')] });
    const three = model([], { inputs: [spec('a'), spec('b'), spec('c')] });
    expect(whyInputsDoNotFit(three, two)).toBe('it needs an input "c", which current does not have');
    expect(whyInputsDoNotFit(two, three)).toBe('it has no input "c", which clients of current send');
    expect(whyInputsDoNotFit(two, two)).toBeUndefined();
  });
});
