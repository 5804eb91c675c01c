import { datatypeFromNumpy } from '@understudy/inference';
import fc from 'fast-check';
import { readDeclaredSignature } from './read-declared-signature';

const read = (inputs: unknown, outputs?: unknown) =>
  readDeclaredSignature({ inputs: JSON.stringify(inputs), outputs: outputs && JSON.stringify(outputs), params: null });
const tensor = (dtype: string, shape: readonly number[], name?: string) => ({
  ...(name === undefined ? {} : { name }),
  type: 'tensor',
  'tensor-spec': { dtype, shape },
});

describe('the signature of an MLmodel file', () => {
  it('of tensors has names, datatypes and shapes', () => {
    expect(read([tensor('float32', [-1, 4], 'x'), tensor('str', [-1])], [tensor('int64', [])])).toEqual({
      inputs: [
        { kind: 'tensor', name: 'x', datatype: datatypeFromNumpy('float32'), shape: [-1, 4] },
        { kind: 'tensor', name: undefined, datatype: datatypeFromNumpy('str'), shape: [-1] },
      ],
      outputs: [{ kind: 'tensor', name: undefined, datatype: datatypeFromNumpy('int64'), shape: [] }],
    });
  });

  it('of a numpy type that means nothing here has no datatype', () => {
    expect(read([tensor('complex128', [-1])])?.inputs).toEqual([
      { kind: 'tensor', name: undefined, datatype: undefined, shape: [-1] },
    ]);
  });

  it('of columns has names and types, and says which may be left out', () => {
    expect(
      read([
        { name: 'a', type: 'double' },
        { name: 'b', type: 'long', required: false },
        { name: 'c', type: 'string', optional: true },
        { name: 0, type: 'boolean', required: true },
        { type: 'array', items: { type: 'float' } },
      ])?.inputs,
    ).toEqual([
      { kind: 'column', name: 'a', type: 'double', required: true },
      { kind: 'column', name: 'b', type: 'long', required: false },
      { kind: 'column', name: 'c', type: 'string', required: false },
      { kind: 'column', name: '0', type: 'boolean', required: true },
      { kind: 'column', name: undefined, type: 'array', required: true },
    ]);
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['a text', 'x'],
    ['a list', []],
    ['without inputs', { outputs: '[]' }],
    ['with inputs that are null', { inputs: null }],
    ['with inputs that are YAML and not text', { inputs: [tensor('float32', [-1])] }],
    ['with inputs that are no JSON', { inputs: '[{' }],
    ['with inputs that are no list', { inputs: '{"type": "tensor"}' }],
    ['of tensors and columns', { inputs: JSON.stringify([tensor('float32', [-1]), { type: 'double' }]) }],
    ['of a tensor with a fractional size', { inputs: JSON.stringify([tensor('float32', [1.5])]) }],
    ['of a tensor with a size below -1', { inputs: JSON.stringify([tensor('float32', [-2])]) }],
    ['of a tensor with a size that is no safe number', { inputs: JSON.stringify([tensor('float32', [2 ** 60])]) }],
    ['of a tensor without a specification', { inputs: '[{"type": "tensor"}]' }],
  ])('that is %s leaves the graph to speak for itself', (_, signature) => {
    expect(readDeclaredSignature(signature)).toBeUndefined();
  });

  it('is read or left out, never a crash, whatever JSON it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (inputs) => {
        const signature = read(inputs);
        if (signature !== undefined) expect(signature.inputs).toHaveLength((inputs as unknown[]).length);
      }),
    );
  });
});
