import type { RegisteredVersion, Signature } from '../api/types';
import { texts } from '../texts/en';

export type DeclaredSignature = NonNullable<RegisteredVersion['signature']>;
type Item = DeclaredSignature['inputs'][number];

/** The names that people know from numpy; MLflow's words for columns stay as they are. */
const NAMES: Readonly<Record<string, string>> = {
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  BOOL: 'bool',
  BYTES: 'text',
};

/** What a slot serves, in the form that the registry declares. */
export function declaredBySlot({ inputs, outputs }: Signature): DeclaredSignature {
  const item = ({ name, datatype, shape }: Signature['inputs'][number]): Item => ({
    name,
    type: datatype,
    shape: [...shape],
    required: true,
  });
  return { inputs: inputs.map(item), outputs: outputs.map(item) };
}

/** `float32[?,4]` for a tensor, `double` for a column. */
function describeItem({ type, shape }: Item): string {
  const name = NAMES[type] ?? type;
  return shape === null ? name : `${name}[${shape.map((size) => (size < 0 ? '?' : size)).join(',')}]`;
}

/** What a client of `served` would meet otherwise with `version`, a sentence each; nothing where both are the same. */
export function signatureDifferences(version: DeclaredSignature, served: DeclaredSignature): string[] {
  return [
    ...differences(texts.registry.signature.input, version.inputs, served.inputs),
    ...differences(texts.registry.signature.output, version.outputs, served.outputs),
  ];
}

function differences(kind: string, now: readonly Item[], before: readonly Item[]): string[] {
  const { signature } = texts.registry;
  const pairs = paired(now, before);
  return pairs.flatMap(([one, other]) => {
    const what = `${kind} ${one?.name ?? other?.name ?? ''}`.trim();
    if (other === undefined) return one === undefined ? [] : [signature.added(what, describeItem(one))];
    if (one === undefined) return [signature.removed(what, describeItem(other))];
    const [is, was] = [describeItem(one), describeItem(other)];
    return is === was ? [] : [signature.instead(what, is, was)];
  });
}

/** By name; by place where one of both has no names, as a lone tensor has none in MLflow. */
function paired(now: readonly Item[], before: readonly Item[]): (readonly [Item | undefined, Item | undefined])[] {
  const isNamed = [...now, ...before].every(({ name }) => name !== null);
  if (!isNamed) {
    return Array.from({ length: Math.max(now.length, before.length) }, (_, place) => [now[place], before[place]]);
  }
  const names = new Set([...now, ...before].map(({ name }) => name));
  return [...names].map((name) => [now.find((item) => item.name === name), before.find((item) => item.name === name)]);
}
