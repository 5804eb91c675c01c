import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Datatype, datatypeFromOnnx, type GraphSignature, type TensorSpec } from '@understudy/inference';
import { LoadFailure } from './load-failure';
import { type ExternalData, type OnnxFile, type OnnxValue, readOnnxFile } from './onnx/onnx-file';
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
  if (file.outputs.length === 0) throw new LoadFailure('The model gives out nothing: its graph has no outputs');
  const zipMap = takeOutZipMap(file, modelPath);
  return {
    graph: {
      inputs: file.inputs.map((value) => toSpec(value, 'input')),
      outputs: file.outputs.map((value) => toSpec(asTensor(value, zipMap), 'output')),
    },
    rewritten: zipMap?.model,
    classNames: zipMap === undefined ? undefined : [...zipMap.classes.values()][0],
  };
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
      (kind === 'sequence' || kind === 'map'
        ? 'Export the classifier without ZipMap (options={"zipmap": False})'
        : 'Export the model with a datatype such as float32 there'),
  );
}

/** Without a shape in the file: rows of values is what most models mean. */
const openShape = (role: 'input' | 'output'): readonly number[] => (role === 'input' ? [-1, -1] : [-1]);

function describeType(kind: OnnxValue['kind'], elementType: number): string {
  if (kind !== 'tensor') return kind === 'unknown' ? 'of a type that the file does not tell' : `a ${kind}`;
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
