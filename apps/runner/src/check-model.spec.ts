import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildModel,
  type ElementType,
  type Initializer,
  type Model,
  rawBytes,
  zipMapType,
} from '../../../test/support/onnx/build-model';
import { constantModel, twoInputModel, zipMapModel } from '../../../test/support/onnx/models';
import { checkModel } from './check-model';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'check-model-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function examine(bytes: Uint8Array) {
  const path = join(directory, 'model.onnx');
  await writeFile(path, bytes);
  return checkModel(path, directory);
}

const check = async (bytes: Uint8Array) => (await examine(bytes)).graph;

const external = (entries: Record<string, string>): Model => ({
  inputs: [{ name: 'X', type: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 4] }],
  initializers: [{ name: 'W', type: 'FP32', shape: [4], data: { external: entries } }],
  nodes: [{ op: 'Add', inputs: ['X', 'W'], outputs: ['Y'] }],
});

const withOutput = (type: ElementType): Model => ({
  inputs: [{ name: 'X', type: 'FP32', shape: [-1] }],
  outputs: [{ name: 'Y', type, shape: [-1] }],
  nodes: [{ op: 'Cast', inputs: ['X'], outputs: ['Y'], attributes: { to: typeof type === 'number' ? type : 1 } }],
});

describe('examining a model file', () => {
  it('tells its inputs and outputs', async () => {
    expect(await check(twoInputModel())).toEqual({
      inputs: [
        { name: 'age', datatype: 'FP32', shape: [-1, 1] },
        { name: 'city', datatype: 'BYTES', shape: [-1, 1] },
      ],
      outputs: [
        { name: 'city_out', datatype: 'BYTES', shape: [-1, 1] },
        { name: 'age_out', datatype: 'FP32', shape: [-1, 1] },
      ],
    });
  });

  it('leaves out inputs that have a default among the initializers', async () => {
    const bias: Initializer = { name: 'bias', type: 'FP32', shape: [1], data: rawBytes(new Float32Array([1])) };
    const model = buildModel({
      inputs: [
        { name: 'X', type: 'FP32', shape: [-1] },
        { name: 'bias', type: 'FP32', shape: [1] },
      ],
      outputs: [{ name: 'Y', type: 'FP32', shape: [-1] }],
      initializers: [bias],
      nodes: [{ op: 'Add', inputs: ['X', 'bias'], outputs: ['Y'] }],
    });
    expect((await check(model)).inputs.map(({ name }) => name)).toEqual(['X']);
  });

  it('takes a file that tells no shapes', async () => {
    const model = buildModel({
      ...withOutput('FP32'),
      inputs: [{ name: 'X', type: 'FP32', shape: null }],
      outputs: [{ name: 'Y', type: 'FP32', shape: null }],
    });
    expect(await check(model)).toMatchObject({ inputs: [{ shape: [-1, -1] }], outputs: [{ shape: [-1] }] });
  });

  it('takes weights that are kept beside the file', async () => {
    await writeFile(join(directory, 'weights.bin'), Buffer.alloc(16));
    expect(await check(buildModel(external({ location: 'weights.bin', offset: '0', length: '16' })))).toMatchObject({
      inputs: [{ name: 'X' }],
    });
  });
});

describe('a file that is no model', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(100_000)],
    ['text', Buffer.from('<html><body>502 Bad Gateway</body></html>')],
    ['a program', Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(200, 3)])],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['JSON', Buffer.from('{"a": 1}')],
  ])('[case 74] is refused: %s', async (_, bytes) => {
    await expect(check(bytes)).rejects.toThrow(/^The file is not an ONNX model: .*Export the model again$/);
  });

  it('[case 73] is refused or examined, never a crash, when it is cut anywhere', async () => {
    const whole = constantModel(1);
    for (let length = 0; length < whole.length; length++) {
      await check(whole.subarray(0, length)).catch((error: unknown) => {
        expect((error as Error).name).toBe('LoadFailure');
      });
    }
  });

  it('[case 76] is refused when its graphs are nested without end', async () => {
    let inner: Model = { nodes: [], outputs: [] };
    for (let depth = 0; depth < 150; depth++) {
      inner = {
        outputs: [],
        nodes: [{ op: 'If', inputs: [], outputs: [], attributes: { then_branch: { graph: inner } } }],
      };
    }
    await expect(check(buildModel(inner))).rejects.toThrow('graphs are nested deeper than 100 levels');
  });

  it('is refused when it gives out nothing', async () => {
    await expect(check(buildModel({ nodes: [], outputs: [] }))).rejects.toThrow('its graph has no outputs');
  });
});

describe('a datatype that cannot be served', () => {
  it.each([
    [22, 'int4'],
    [21, 'uint4'],
    [16, 'bfloat16'],
    [17, 'float8e4m3fn'],
    [14, 'complex64'],
    [99, 'of element type 99'],
  ])('[case 41] is refused by name: %d', async (type, name) => {
    await expect(check(buildModel(withOutput(type)))).rejects.toThrow(
      `Its output "Y" is ${name}, which the runtime cannot give out. Export the model with a datatype such as float32 there`,
    );
  });

  it('[case 41] is refused as an input too', async () => {
    const model = buildModel({ ...withOutput('FP32'), inputs: [{ name: 'X', type: 16, shape: [-1] }] });
    await expect(check(model)).rejects.toThrow('Its input "X" is bfloat16, which the runtime cannot take in');
  });

  it('becomes a tensor where it is the ZipMap of a classifier', async () => {
    const { graph, rewritten, classNames } = await examine(zipMapModel(['low', 'high']));
    expect(graph.outputs[1]).toEqual({ name: 'output_probability', datatype: 'FP32', shape: [-1, 2] });
    expect([rewritten, classNames]).toEqual([expect.any(Uint8Array), ['low', 'high']]);
  });

  it('[case 41] is refused with what to do where it is a sequence of another kind', async () => {
    const model = buildModel({
      ...withOutput('FP32'),
      outputs: [{ name: 'probabilities', typeMessage: zipMapType() }],
    });
    await expect(check(model)).rejects.toThrow(
      'Its output "probabilities" is a sequence, which the runtime cannot give out. Export a classifier without ZipMap',
    );
  });
});

describe('an output that is no tensor', () => {
  const both = (typeMessage: Uint8Array): Model => ({
    ...withOutput('FP32'),
    outputs: [
      { name: 'parts', typeMessage },
      { name: 'Y', type: 'FP32', shape: [-1] },
    ],
  });

  it('[case 41] is left out where others remain', async () => {
    const { graph, outputsLeftOut } = await examine(buildModel(both(zipMapType())));
    expect([graph.outputs.map(({ name }) => name), outputsLeftOut]).toEqual([['Y'], ['parts']]);
  });

  it.each([
    [
      'optional',
      9,
      'Its output "parts" is an optional, which the runtime cannot give out. Export the model with a plain',
    ],
    [
      'sparse tensor',
      8,
      'Its output "parts" is a sparse tensor, which the runtime cannot give out. Export the model with a dense',
    ],
    ['map', 5, 'Its output "parts" is a map, which the runtime cannot give out. Export a classifier without ZipMap'],
  ])('[case 41] is refused by name where it is the only one: %s', async (_, field, problem) => {
    const typeMessage = Uint8Array.of(field * 8 + 2, 0);
    const model = buildModel({ ...withOutput('FP32'), outputs: [{ name: 'parts', typeMessage }] });
    await expect(check(model)).rejects.toThrow(problem);
  });

  it('[case 41] does not hide one of 4-bit integers beside it', async () => {
    const model = both(zipMapType());
    const outputs = [...model.outputs, { name: 'Z', type: 22, shape: [-1] }];
    await expect(check(buildModel({ ...model, outputs }))).rejects.toThrow('Its output "Z" is int4');
  });
});

describe('a custom operator', () => {
  const using = (domain: string, more: Partial<Model> = {}): Model => ({
    ...withOutput('FP32'),
    nodes: [{ op: 'Frobnicate', domain, inputs: ['X'], outputs: ['Y'] }],
    ...more,
  });

  it('[case 76] is refused with its name and domain, and what to do', async () => {
    await expect(check(buildModel(using('my.company')))).rejects.toThrow(
      'The model uses custom operators: "Frobnicate" of the domain "my.company". Their code is in a library of its own, and the ' +
        'runtime for Node can load none. Export the model with operators of ONNX, or with the operator written as a function inside the model',
    );
  });

  it('[case 76] is found in a subgraph', async () => {
    const model = using('', {
      nodes: [
        { op: 'If', inputs: ['c'], outputs: ['Y'], attributes: { then_branch: { graph: using('deep.domain') } } },
      ],
    });
    await expect(check(buildModel(model))).rejects.toThrow('"Frobnicate" of the domain "deep.domain"');
  });

  it('[case 76] is named with a few others of very many, cut', async () => {
    const nodes = Array.from({ length: 1000 }, (_, index) => ({
      op: `Op${index}${'x'.repeat(500)}`,
      domain: 'd',
      inputs: ['X'],
      outputs: [`Y${index}`],
    }));
    const refused = check(buildModel(using('d', { nodes })));
    await expect(refused).rejects.toThrow('and 995 more');
    await expect(refused).rejects.toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,1500}$/) as string }) as Error,
    );
  });

  it('is none where the model brings it along as a function, or the runtime has it', async () => {
    const functions = [{ domain: 'my.company', name: 'Frobnicate' }];
    expect((await check(buildModel(using('my.company', { functions })))).outputs).toHaveLength(1);
    for (const domain of ['', 'ai.onnx.ml', 'com.microsoft'])
      expect((await check(buildModel(using(domain)))).outputs).toHaveLength(1);
  });
});

describe('weights outside the file', () => {
  it.each([
    '../weights.bin',
    '/etc/passwd',
    'a/../../weights.bin',
    '/proc/self/environ',
    '/dev/zero',
    'a\\b',
    '',
    'C:weights',
    './weights.bin',
  ])('[cases 68, 72] are refused at %j', async (location) => {
    await expect(check(buildModel(external({ location })))).rejects.toThrow('outside its own folder');
  });

  it('[case 70] are refused when they are missing', async () => {
    await expect(check(buildModel(external({ location: 'weights.bin' })))).rejects.toThrow(
      'keeps weights in "weights.bin", which is missing',
    );
  });

  it.each([
    ['reaching past the end', { offset: '0', length: '17' }],
    ['starting past the end', { offset: '17' }],
    ['at a negative place', { offset: '-1', length: '4' }],
    ['of negative length', { offset: '0', length: '-4' }],
    ['far away', { offset: '1000000000000000', length: '4' }],
    ['at no number', { offset: 'x', length: '4' }],
    ['adding up past what a number holds', { offset: '9007199254740991', length: '9007199254740991' }],
  ])('[cases 70, 71] are refused %s', async (_, entries) => {
    await writeFile(join(directory, 'weights.bin'), Buffer.alloc(16));
    await expect(check(buildModel(external({ location: 'weights.bin', ...entries })))).rejects.toThrow(
      'The model keeps weights at bytes',
    );
  });

  it('[case 68] are refused through a symbolic link, of the file or of a folder above it', async () => {
    await writeFile(join(directory, 'real.bin'), Buffer.alloc(16));
    await symlink(join(directory, 'real.bin'), join(directory, 'weights.bin'));
    await expect(check(buildModel(external({ location: 'weights.bin' })))).rejects.toThrow('which is not a plain file');
    await mkdir(join(directory, 'folder'));
    await writeFile(join(directory, 'folder', 'weights.bin'), Buffer.alloc(16));
    await symlink(join(directory, 'folder'), join(directory, 'shortcut'));
    await expect(check(buildModel(external({ location: 'shortcut/weights.bin' })))).rejects.toThrow(
      'which is not a plain file',
    );
  });

  it('[case 69] are refused through a hard link, which the runtime would follow', async () => {
    await writeFile(join(directory, 'secret'), Buffer.alloc(16));
    await link(join(directory, 'secret'), join(directory, 'weights.bin'));
    await expect(check(buildModel(external({ location: 'weights.bin' })))).rejects.toThrow('which is not a plain file');
  });

  it('[case 72] are refused from a pipe without waiting for it', async () => {
    execFileSync('mkfifo', [join(directory, 'weights.bin')]);
    await expect(check(buildModel(external({ location: 'weights.bin' })))).rejects.toThrow('which is not a plain file');
  });

  it('are found in subgraphs too', async () => {
    const inner = external({ location: '../weights.bin' });
    const model = buildModel({
      outputs: [{ name: 'Y', type: 'FP32', shape: [-1] }],
      nodes: [{ op: 'If', inputs: ['c'], outputs: ['Y'], attributes: { then_branch: { graph: inner } } }],
    });
    await expect(check(model)).rejects.toThrow('outside its own folder');
  });
});
