import { declaredBySlot, type DeclaredSignature, signatureDifferences } from './signature-differences';

const tensor = (name: string | null, type: string, shape: number[]) => ({ name, type, shape, required: true });
const column = (name: string, type: string) => ({ name, type, shape: null, required: true });

const SERVED: DeclaredSignature = {
  inputs: [tensor('x', 'FP32', [-1, 3])],
  outputs: [tensor('label', 'INT64', [-1])],
};

describe('signature differences to what is served', () => {
  it('are none between the same', () => {
    expect(signatureDifferences(SERVED, { ...SERVED, inputs: [tensor('x', 'FP32', [-1, 3])] })).toEqual([]);
  });

  it('say what is expected instead', () => {
    const wider = { ...SERVED, inputs: [tensor('x', 'FP32', [-1, 4])] };
    expect(signatureDifferences(wider, SERVED)).toEqual(['input x: float32[?,4] instead of float32[?,3]']);
  });

  it('name what comes and what goes', () => {
    const other = { inputs: [tensor('y', 'BYTES', [-1])], outputs: [] };
    expect(signatureDifferences(other, SERVED)).toEqual([
      'input y is new: text[?]',
      'input x is gone (it was float32[?,3])',
      'output label is gone (it was int64[?])',
    ]);
  });

  it('compare a tensor without a name by its place', () => {
    const unnamed = { ...SERVED, inputs: [tensor(null, 'FP64', [-1, 3])] };
    expect(signatureDifferences(unnamed, SERVED)).toEqual(['input x: float64[?,3] instead of float32[?,3]']);
    expect(signatureDifferences({ ...SERVED, inputs: [tensor(null, 'FP32', [-1, 3])] }, SERVED)).toEqual([]);
  });

  it('compare columns by name and type', () => {
    const before = { inputs: [column('age', 'long'), column('city', 'string')], outputs: [] };
    const now = { inputs: [column('city', 'string'), column('age', 'double')], outputs: [] };
    expect(signatureDifferences(now, before)).toEqual(['input age: double instead of long']);
  });

  it('take what a slot tells', () => {
    const slot = {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
      outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
      columns: null,
      source: 'onnx',
    } as Parameters<typeof declaredBySlot>[0];
    expect(declaredBySlot(slot)).toEqual(SERVED);
  });
});
