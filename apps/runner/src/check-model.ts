import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Datatype, datatypeFromOnnx, type GraphSignature, type TensorSpec } from '@understudy/inference';
import { LoadFailure } from './load-failure';
import { type ExternalData, type OnnxFile, type OnnxValue, type Operator, readOnnxFile } from './onnx/onnx-file';
import { ProtoError } from './onnx/proto-reader';
import { type WithoutZipMap, withoutZipMap } from './onnx/without-zip-map';

/** Names of TensorProto.DataType that the runtime cannot take in or give out, for the sentence that refuses them. */
const REFUSED_ELEMENT_TYPES: Readonly<Record<number, string>> = {
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
};

/** Largest file that is rewritten: that happens in memory. */
const LARGEST_REWRITTEN_BYTES = 1024 * 1024 * 1024;

/** A model that may be shown to the runtime. */
export interface CheckedModel {
  readonly graph: GraphSignature;
  /** Outputs that are no tensors; the others are served. */
  readonly outputsLeftOut: readonly string[];
  /** What loading takes time for. */
  readonly size: { readonly nodes: number; readonly weightBytes: number };
  /** The model with its ZipMap taken out; undefined where the file is loaded as it is. */
  readonly rewritten: Uint8Array | undefined;
  /** The classes that a ZipMap named; undefined where there is none. */
  readonly classNames: readonly string[] | undefined;
}

/**
 * Examines a model file before the runtime sees it: is it ONNX, can its inputs and outputs be served, does it stay inside its
 * folder. Some of what is refused here would end the process otherwise (an output of 4-bit integers does).
 * Throws {@link LoadFailure}.
 */
export function checkModel(modelPath: string, directory: string): CheckedModel {
  const file = readFile(modelPath);
  checkExternalData(file.externalData, modelPath, directory);
  refuseCustomOperators(file.customOperators);
  if (file.outputs.length === 0) throw new LoadFailure('The model gives out nothing: its graph has no outputs');
  const zipMap = takeOutZipMap(file, modelPath);
  const outputs = file.outputs.map((value) => asTensor(value, zipMap));
  const served = servedOutputs(outputs);
  return {
    graph: {
      inputs: file.inputs.map((value) => toSpec(value, 'input')),
      outputs: served.map((value) => toSpec(value, 'output')),
    },
    outputsLeftOut: outputs.filter((value) => !served.includes(value)).map(({ name }) => name),
    size: { nodes: file.nodes, weightBytes: file.weightBytes },
    rewritten: zipMap?.model,
    classNames: zipMap === undefined ? undefined : [...zipMap.classes.values()][0],
  };
}

/** How many operators a sentence names. */
const MAX_OPERATORS_NAMED = 5;

function refuseCustomOperators(operators: readonly Operator[]): void {
  if (operators.length === 0) return;
  const named = operators
    .slice(0, MAX_OPERATORS_NAMED)
    .map(
      ({ domain, name }) =>
        `${JSON.stringify(name.slice(0, 100))} of the domain ${JSON.stringify(domain.slice(0, 100))}`,
    );
  const more = operators.length - named.length;
  throw new LoadFailure(
    `The model uses custom operators: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}. ` +
      'Their code is in a library of its own, and the runtime for Node can load none. ' +
      'Export the model with operators of ONNX, or with the operator written as a function inside the model',
  );
}

/**
 * The outputs that are given out: those that are no tensors (sequences, maps, optionals) are left out where others remain, for the
 * runtime need not compute what nobody fetches. All of them where none is a tensor, so that they are refused by name.
 */
function servedOutputs(outputs: readonly OnnxValue[]): readonly OnnxValue[] {
  const tensors = outputs.filter(({ kind }) => kind === 'tensor' || kind === 'unknown');
  return tensors.length > 0 ? tensors : outputs;
}

function takeOutZipMap({ outputs, externalData }: OnnxFile, modelPath: string): WithoutZipMap | undefined {
  const canBe = externalData.length === 0 && lstatSync(modelPath).size <= LARGEST_REWRITTEN_BYTES;
  if (!canBe || !outputs.some(({ kind }) => kind === 'sequence')) return undefined;
  return withoutZipMap(readFileSync(modelPath));
}

function asTensor(value: OnnxValue, zipMap: WithoutZipMap | undefined): OnnxValue {
  const classes = zipMap?.classes.get(value.name);
  return classes === undefined ? value : { ...value, kind: 'tensor', elementType: 1, shape: [-1, classes.length] };
}

function readFile(modelPath: string): OnnxFile {
  try {
    return readOnnxFile(modelPath);
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    throw new LoadFailure(`The file is not an ONNX model: ${error.message}. Export the model again`, { cause: error });
  }
}

function toSpec({ name, kind, elementType, shape }: OnnxValue, role: 'input' | 'output'): TensorSpec {
  const datatype = kind === 'tensor' ? datatypeFromOnnx(elementType) : undefined;
  // A graph need not tell the shape of an output, nor its type; the first run does.
  if (datatype !== undefined) return { name, datatype, shape: shape ?? openShape(role) };
  throw new LoadFailure(
    `Its ${role} "${name}" is ${describeType(kind, elementType)}, which the runtime cannot ${role === 'input' ? 'take in' : 'give out'}. ` +
      adviceFor(kind, role),
  );
}

function adviceFor(kind: OnnxValue['kind'], role: 'input' | 'output'): string {
  if (kind === 'optional') return 'Export the model with a plain tensor there, which may have no elements';
  if (kind === 'sparse tensor') return 'Export the model with a dense tensor there';
  if (kind !== 'sequence' && kind !== 'map') return 'Export the model with a datatype such as float32 there';
  return role === 'output'
    ? 'Export a classifier without ZipMap (options={"zipmap": False}), any other model with a tensor there'
    : 'Export the model with a tensor for each part';
}

/** Without a shape in the file: rows of values is what most models mean. */
const openShape = (role: 'input' | 'output'): readonly number[] => (role === 'input' ? [-1, -1] : [-1]);

const KIND_NAMES: Readonly<Record<Exclude<OnnxValue['kind'], 'tensor'>, string>> = {
  sequence: 'a sequence',
  map: 'a map',
  'sparse tensor': 'a sparse tensor',
  optional: 'an optional',
  unknown: 'of a type that the file does not tell',
};

function describeType(kind: OnnxValue['kind'], elementType: number): string {
  if (kind !== 'tensor') return KIND_NAMES[kind];
  const known: Datatype | undefined = datatypeFromOnnx(elementType);
  return known ?? REFUSED_ELEMENT_TYPES[elementType] ?? `of element type ${elementType}`;
}

/** The runtime follows a hard link out of the folder and may read a device; it never gets to. */
function checkExternalData(external: readonly ExternalData[], modelPath: string, directory: string): void {
  const checked = new Map<string, number>();
  for (const { location, offset, length } of external) {
    const size = checked.get(location) ?? sizeOfExternalFile(location, modelPath, directory);
    checked.set(location, size);
    const end = length === null ? offset : offset + length;
    if (!Number.isSafeInteger(offset) || offset < 0 || !Number.isSafeInteger(end) || end < offset || end > size) {
      throw new LoadFailure(
        `The model keeps weights at bytes ${offset} to ${end} of ${JSON.stringify(location)}, which has ${size} bytes. Log the version again`,
      );
    }
  }
}

function sizeOfExternalFile(location: string, modelPath: string, directory: string): number {
  const segments = location.split('/');
  const plain =
    segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..') && !/[\\\0:]/.test(location);
  const shown = JSON.stringify(location.slice(0, 200));
  if (!plain) throw new LoadFailure(`The model keeps weights in ${shown}, outside its own folder`);
  const path = join(dirname(modelPath), location);
  for (let at = path; relative(directory, at) !== ''; at = dirname(at)) {
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found === undefined)
      throw new LoadFailure(`The model keeps weights in ${shown}, which is missing. Log the version again`);
    const fits = at === path ? found.isFile() && found.nlink === 1 : found.isDirectory();
    if (!fits) throw new LoadFailure(`The model keeps weights in ${shown}, which is not a plain file`);
  }
  return lstatSync(path).size;
}
