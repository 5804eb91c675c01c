import { z } from 'zod';
import { isVersionNumber } from '../model-uri';

/**
 * The answers of MLflow's REST API, as far as they are used. Unknown members are ignored, scalars that MLflow leaves out when they
 * are not set are optional, and 64-bit integers may be numbers (MLflow) or strings (other servers).
 */

const integer = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);
const timestamp = integer.transform((ms) => new Date(ms)).nullish();
const text = z.string().nullish();

const pairs = z
  .array(z.object({ key: z.string(), value: z.union([z.string(), z.number()]).transform(String).nullish() }))
  .nullish()
  .transform((list) => Object.fromEntries((list ?? []).map(({ key, value }) => [key, value ?? ''])));

/** Doubles may be the strings "NaN", "Infinity" and "-Infinity". */
const metrics = z
  .array(z.object({ key: z.string(), value: z.union([z.number(), z.string().transform(Number)]).nullish() }))
  .nullish()
  .transform((list) => Object.fromEntries((list ?? []).map(({ key, value }) => [key, value ?? NaN])));

export const modelVersionWire = z.object({
  name: z.string(),
  version: z.union([z.string(), z.number()]).transform(String).refine(isVersionNumber, 'not a version number'),
  creation_timestamp: timestamp,
  current_stage: text,
  description: text,
  source: text,
  run_id: text,
  status: text,
  status_message: text,
  tags: pairs,
  aliases: z.array(z.string()).nullish(),
});

export type ModelVersionWire = z.output<typeof modelVersionWire>;

export const registeredModelWire = z.object({
  name: z.string(),
  creation_timestamp: timestamp,
  last_updated_timestamp: timestamp,
  description: text,
  latest_versions: z.array(modelVersionWire).nullish(),
  tags: pairs,
  aliases: z
    .array(z.object({ alias: z.string(), version: z.union([z.string(), z.number()]).transform(String) }))
    .nullish()
    .transform((list) => Object.fromEntries((list ?? []).map(({ alias, version }) => [alias, version]))),
});

export type RegisteredModelWire = z.output<typeof registeredModelWire>;

export const runWire = z.object({
  info: z.object({
    run_id: z.string(),
    experiment_id: z.union([z.string(), z.number()]).transform(String),
    artifact_uri: text,
  }),
  data: z
    .object({ metrics, params: pairs })
    .nullish()
    .transform((data) => data ?? { metrics: {}, params: {} }),
});

export type RunWire = z.output<typeof runWire>;

export const loggedModelWire = z.object({
  info: z.object({
    model_id: z.string().regex(/^[\w-]+$/),
    name: text,
    artifact_uri: text,
    creation_timestamp_ms: timestamp,
    status: text,
  }),
  data: z
    .object({ metrics, params: pairs })
    .nullish()
    .transform((data) => data ?? { metrics: {}, params: {} }),
});

export type LoggedModelWire = z.output<typeof loggedModelWire>;

const fileWire = z.object({ path: z.string(), is_dir: z.boolean().nullish(), file_size: integer.nullish() });

const listingWire = z.object({
  files: z
    .array(fileWire)
    .nullish()
    .transform((list) => list ?? []),
});

export type ListingEntryWire = z.output<typeof fileWire>;

const nextPage = { next_page_token: text };

export const answers = {
  modelVersion: z.object({ model_version: modelVersionWire }),
  modelVersions: z.object({ model_versions: z.array(modelVersionWire).nullish(), ...nextPage }),
  registeredModel: z.object({ registered_model: registeredModelWire }),
  registeredModels: z.object({ registered_models: z.array(registeredModelWire).nullish(), ...nextPage }),
  downloadUri: z.object({ artifact_uri: z.string() }),
  run: z.object({ run: runWire }),
  loggedModel: z.object({ model: loggedModelWire }),
  loggedModels: z.object({ models: z.array(loggedModelWire).nullish() }),
  listing: listingWire,
} as const;

export const errorWire = z.object({ error_code: z.string(), message: z.string().nullish() });
