import { describeSpec, type TensorSpec } from '../tensor';
import type { DeclaredSignature, DeclaredTensor } from './declared-signature';

/** What a model takes in and gives out: the graph's tensors, made more exact by what its MLmodel file declares. */
export interface ModelSignature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Names of the features along the last axis of the only input, where the model tells them. */
  readonly columns?: readonly string[];
  /** Where it was learnt from: the MLmodel file together with the graph, or the graph alone. */
  readonly source: 'mlmodel' | 'onnx';
}

/** The inputs and outputs as an ONNX graph names them. */
export interface GraphSignature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * The signature to serve by. Names and datatypes are the graph's, because they are what the runtime is fed with; an MLmodel file
 * adds feature names and fixed sizes that the graph left open (MLflow's signature names need not equal the graph's).
 */
export function resolveSignature(
  graph: GraphSignature,
  declared: DeclaredSignature | undefined,
  featureNames: readonly string[] | undefined,
): ModelSignature {
  const source = declared === undefined ? 'onnx' : 'mlmodel';
  const narrowed = graph.inputs.map((spec) => narrow(spec, declaredTensorFor(spec, graph.inputs, declared)));
  const columns = columnNames(narrowed, declared, featureNames);
  if (columns === undefined) return { inputs: narrowed, outputs: graph.outputs, source };
  const [only] = narrowed as [TensorSpec];
  return {
    inputs: [{ ...only, shape: [...only.shape.slice(0, -1), columns.length] }],
    outputs: graph.outputs,
    columns,
    source,
  };
}

function declaredTensorFor(
  spec: TensorSpec,
  inputs: readonly TensorSpec[],
  declared: DeclaredSignature | undefined,
): DeclaredTensor | undefined {
  const tensors = (declared?.inputs ?? []).filter((item) => item.kind === 'tensor');
  if (inputs.length === 1 && tensors.length === 1) return tensors[0];
  return tensors.find((tensor) => tensor.name === spec.name);
}

/** Fixes the sizes that the graph leaves open and the MLmodel file does not; the batch axis stays the graph's. */
function narrow(spec: TensorSpec, declared: DeclaredTensor | undefined): TensorSpec {
  if (declared?.shape.length !== spec.shape.length) return spec;
  const shape = spec.shape.map((size, axis) => (size < 0 && axis > 0 ? (declared.shape[axis] as number) : size));
  return { ...spec, shape };
}

function columnNames(
  inputs: readonly TensorSpec[],
  declared: DeclaredSignature | undefined,
  featureNames: readonly string[] | undefined,
): readonly string[] | undefined {
  const [only, ...others] = inputs;
  if (only === undefined || others.length > 0 || only.shape.length !== 2) return undefined;
  const declaredColumns = (declared?.inputs ?? [])
    .filter((item) => item.kind === 'column')
    .map((column) => column.name);
  const names = declaredColumns.length > 0 ? declaredColumns : featureNames;
  if (names === undefined || names.length === 0 || !names.every((name) => name !== undefined)) return undefined;
  if (new Set(names).size !== names.length) return undefined;
  const width = only.shape[1] as number;
  return width < 0 || width === names.length ? names : undefined;
}

/**
 * Why a client that today sends what `current` takes could not send it to `candidate`; undefined where it could.
 * A single input may change its name, because rows do not name it.
 */
export function whyInputsDoNotFit(candidate: ModelSignature, current: ModelSignature): string | undefined {
  const single = candidate.inputs.length === 1 && current.inputs.length === 1;
  for (const wanted of candidate.inputs) {
    const given = single ? current.inputs[0] : current.inputs.find((input) => input.name === wanted.name);
    if (given === undefined) return `it needs an input "${wanted.name}", which current does not have`;
    if (!canTake(wanted, given)) {
      return `its input "${wanted.name}" is ${describeSpec(wanted)}, current's "${given.name}" is ${describeSpec(given)}`;
    }
  }
  const extra = current.inputs.find((input) => !single && !candidate.inputs.some(({ name }) => name === input.name));
  if (extra !== undefined) return `it has no input "${extra.name}", which clients of current send`;
  return whyColumnsDoNotFit(candidate, current);
}

function canTake(wanted: TensorSpec, given: TensorSpec): boolean {
  return (
    wanted.datatype === given.datatype &&
    wanted.shape.length === given.shape.length &&
    wanted.shape.every((size, axis) => {
      const givenSize = given.shape[axis] as number;
      // A batch axis that current leaves free must stay free; other open sizes often mean only that the exporter did not know.
      return size < 0 || size === givenSize || (givenSize < 0 && axis > 0);
    })
  );
}

function whyColumnsDoNotFit(candidate: ModelSignature, current: ModelSignature): string | undefined {
  if (candidate.columns === undefined || current.columns === undefined) return undefined;
  const same = candidate.columns.every((name, index) => name === current.columns?.[index]);
  return same
    ? undefined
    : `its columns are ${candidate.columns.join(', ')}; current's are ${current.columns.join(', ')}`;
}
