import fc from 'fast-check';
import { allocate, type Datatype, DATATYPES, type TensorData } from '../datatype';
import { elementCount } from '../tensor';
import { decodeFrame, encodeFailure, encodeFrame, failureSentence, type Frame, type FrameTensor } from './frame';
import { FrameMemory } from './frame-memory';
import { FrameSplitter } from './frame-splitter';

const datatypes = Object.keys(DATATYPES) as Datatype[];

const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 4 });

function dataOf(datatype: Datatype, length: number, seed: number): TensorData {
  const data = allocate(datatype, length) as unknown[];
  for (let at = 0; at < length; at++) {
    if (datatype === 'BYTES') data[at] = `text ${seed + at} é`;
    else data[at] = DATATYPES[datatype].kind === 'integer64' ? BigInt(seed + at) : (seed + at) % 100;
  }
  return data as unknown as TensorData;
}

const tensors = fc.array(
  fc
    .record({ datatype: fc.constantFrom(...datatypes), shape: shapes, seed: fc.nat({ max: 50 }) })
    .map(({ datatype, shape, seed }): FrameTensor => ({
      index: seed,
      datatype,
      shape,
      pieces: [dataOf(datatype, elementCount(shape), seed)],
    })),
  { maxLength: 4 },
);

const whole = (buffers: readonly Uint8Array[]): Buffer => {
  const bytes = Buffer.concat(buffers);
  const alignedCopy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(alignedCopy);
  return alignedCopy;
};

const received = (list: readonly FrameTensor[]) =>
  list.map(({ index, datatype, shape, pieces }) => ({ index, datatype, shape, data: pieces[0] }));

describe('frames', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(tensors, fc.integer({ min: 0, max: 0xffff_ffff }), (list, id) => {
        expect(decodeFrame(whole(encodeFrame('run', id, list)))).toEqual({ kind: 'run', id, tensors: received(list) });
      }),
      { numRuns: 300 },
    );
  });

  it('join the pieces of a tensor', () => {
    const pieces = [new Float32Array([1, 2]), new Float32Array([3, 4])];
    const frame = decodeFrame(whole(encodeFrame('run', 1, [{ index: 0, datatype: 'FP32', shape: [2, 2], pieces }])));
    expect(frame.tensors[0]?.data).toEqual(new Float32Array([1, 2, 3, 4]));
  });

  it('do not copy the elements of large tensors, and pad them all the same', () => {
    const large = new Uint8Array(100_001).fill(7);
    const list: FrameTensor[] = [
      { index: 0, datatype: 'UINT8', shape: [100_001], pieces: [large] },
      { index: 1, datatype: 'FP64', shape: [1], pieces: [new Float64Array([0.5])] },
    ];
    const buffers = encodeFrame('result', 9, list);
    expect(buffers.some((buffer) => buffer.buffer === large.buffer)).toBe(true);
    expect(decodeFrame(whole(buffers)).tensors).toEqual(received(list));
  });

  it('carry the sentence of a failure', () => {
    const frame = decodeFrame(whole(encodeFailure(3, 'Gather: index out of range')));
    expect([frame.kind, frame.id, failureSentence(frame)]).toEqual(['failure', 3, 'Gather: index out of range']);
  });

  it('are refused when their sizes disagree', () => {
    const bytes = whole(
      encodeFrame('run', 1, [{ index: 0, datatype: 'FP32', shape: [2], pieces: [new Float32Array(2)] }]),
    );
    bytes.writeUInt32LE(3, 20);
    expect(() => decodeFrame(bytes)).toThrow('sizes disagree');
  });
});

describe('splitting a stream into frames', () => {
  it('finds every frame wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(tensors, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (lists, cuts) => {
          const stream = Buffer.concat(lists.flatMap((list, id) => encodeFrame('run', id, list)));
          const found: Frame[] = [];
          const splitter = new FrameSplitter((frame) => found.push(frame));
          for (let at = 0, cut = 0; at < stream.length; cut++) {
            const length = cuts[cut % cuts.length]!;
            splitter.push(stream.subarray(at, at + length));
            at += length;
          }
          expect(found).toEqual(lists.map((list, id) => ({ kind: 'run', id, tensors: received(list) })));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('finds every frame where it reads large ones to their place', () => {
    const sizes = fc.array(fc.constantFrom(0, 10, 16_000, 16_384, 40_000, 100_000), { minLength: 1, maxLength: 6 });
    const cuts = fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1 });
    fc.assert(
      fc.property(sizes, cuts, (lengths, reads) => {
        const lists = lengths.map((length, id): FrameTensor[] => [
          { index: 0, datatype: 'FP32', shape: [length], pieces: [new Float32Array(length).fill(id + 1)] },
        ]);
        const stream = Buffer.concat(lists.flatMap((list, id) => encodeFrame('run', id, list)));
        const found: Frame[] = [];
        const splitter = new FrameSplitter((frame) => found.push(frame));
        let target = splitter.nextTarget()!;
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const bytes = stream.copy(target, 0, at, at + reads[turn % reads.length]!);
          splitter.read(bytes);
          target = splitter.nextTarget() ?? target;
          at += bytes;
        }
        expect(found.map(({ id }) => id)).toEqual(lists.map((_, id) => id));
        for (const {
          id,
          tensors: [tensor],
        } of found)
          expect(Buffer.compare(bytesOf(tensor!.data), bytesOf(lists[id]![0]!.pieces[0]!))).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('has no frame in the memory of another that is still read', () => {
    const memory = new FrameMemory();
    const found: { readonly frame: Frame; readonly bytes: Buffer }[] = [];
    const splitter = new FrameSplitter((frame, bytes) => found.push({ frame, bytes }), memory);
    const send = (value: number): void => {
      const list: FrameTensor[] = [
        { index: 0, datatype: 'FP32', shape: [50_000], pieces: [new Float32Array(50_000).fill(value)] },
      ];
      splitter.push(Buffer.concat(encodeFrame('run', value, list)));
    };
    send(1);
    send(2);
    memory.giveBack(found[0]!.bytes);
    send(3);
    send(4);
    expect(found.map(({ frame }) => frame.tensors[0]?.data[49_999])).toEqual([3, 2, 3, 4]);
    expect(found[2]?.bytes.buffer).toBe(found[0]?.bytes.buffer);
  });
});

function bytesOf(data: TensorData): Uint8Array {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
