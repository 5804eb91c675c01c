import { type DeclaredSignature } from '@understudy/inference';
import { DomainError } from '@understudy/platform';
import { z } from 'zod';
import type { Servable } from '../model-registry';
import { isSafePathSegment } from '../model-uri';
import { quoted, shellWord } from '../quoted';
import { readDeclaredSignature } from './read-declared-signature';
import { readSessionOptions, type SessionWishes } from './read-session-options';
import { readYaml } from './read-yaml';

export const MLMODEL_FILE = 'MLmodel';
/** What a folder registry may hold instead of an MLmodel folder. */
export const LONE_MODEL_FILE = 'model.onnx';

export const MAX_MLMODEL_BYTES = 1024 * 1024;

/** How many flavors a sentence names. */
const MAX_FLAVORS_NAMED = 20;

/** What an MLmodel file says, as far as serving needs it. */
export interface MlModel {
  readonly flavors: readonly string[];
  /** Path of the ONNX file relative to the model's folder; null without an ONNX flavor. */
  readonly onnxPath: string | null;
  readonly signature: DeclaredSignature | undefined;
  /** From the session options of its ONNX flavor. */
  readonly execution: SessionWishes;
  /** From the `feature_names` of its metadata: names for the columns of a tensor input. */
  readonly featureNames: readonly string[] | undefined;
  /** From the `class_names` of its metadata: names for the labels 0, 1, ... */
  readonly classNames: readonly string[] | undefined;
  /** Path of the input example in MLflow's plain form. */
  readonly examplePath: string | null;
}

const names = z.array(z.string()).min(1).optional().catch(undefined);

const mlModelYaml = z.object({
  flavors: z.record(z.string(), z.unknown()),
  signature: z.unknown().optional(),
  metadata: z.object({ feature_names: names, class_names: names }).nullish().catch(null),
  saved_input_example_info: z.object({ artifact_path: z.string() }).nullish().catch(null),
});

/** Reads an MLmodel file. Throws DomainError `model-not-servable` for text that is none. */
export function parseMlModel(text: string, uri: string): MlModel {
  const parsed = mlModelYaml.safeParse(readMap(text, uri));
  if (!parsed.success) throw notMlModel(uri, 'it has no map of flavors');
  const { flavors, signature, metadata, saved_input_example_info: example } = parsed.data;
  return {
    flavors: Object.keys(flavors).sort(),
    onnxPath: onnxPathOf(flavors['onnx'], uri),
    signature: readDeclaredSignature(signature),
    execution: readSessionOptions(flavors['onnx']),
    featureNames: metadata?.feature_names,
    classNames: metadata?.class_names,
    examplePath: example && isSafePathSegment(example.artifact_path) ? example.artifact_path : null,
  };
}

/** Whether versions with these flavors can be served, and if not the sentence that says what to do. */
export function servability(flavors: readonly string[], name: string, version: string | null, uri: string): Servable {
  if (flavors.includes('onnx')) return { ok: true };
  const which = version === null ? uri : `version ${version} of ${quoted(name)}`;
  const have = flavors.length === 0 ? 'no flavors' : `flavors ${nameSome(flavors)}`;
  const command = `training/export_onnx.py --model-uri ${shellWord(uri)}`;
  return {
    ok: false,
    why: `${which} has ${have}; none is onnx. Log it with mlflow.onnx.log_model, or run ${command}`,
    command: `python ${command}`,
  };
}

function nameSome(flavors: readonly string[]): string {
  const named = flavors.slice(0, MAX_FLAVORS_NAMED).map((flavor) => flavor.slice(0, 100));
  const more = flavors.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function readMap(text: string, uri: string): unknown {
  if (Buffer.byteLength(text) > MAX_MLMODEL_BYTES) throw notMlModel(uri, `it has more than ${MAX_MLMODEL_BYTES} bytes`);
  try {
    return readYaml(text);
  } catch {
    throw notMlModel(uri, 'it is not YAML that can be read');
  }
}

function onnxPathOf(flavor: unknown, uri: string): string | null {
  if (flavor === undefined) return null;
  const parsed = z.object({ data: z.string() }).safeParse(flavor);
  if (!parsed.success) throw notMlModel(uri, 'its ONNX flavor does not name the file with the model ("data")');
  const segments = parsed.data.data.split('/');
  if (!segments.every(isSafePathSegment))
    throw notMlModel(uri, "its ONNX flavor names a file outside the model's folder");
  return parsed.data.data;
}

function notMlModel(uri: string, why: string): DomainError {
  return new DomainError(
    'model-not-servable',
    `The ${MLMODEL_FILE} file of ${uri} cannot be used: ${why}. Log the version again`,
  );
}
