import { DomainError } from '@understudy/platform';
import { z } from 'zod';
import { EXECUTION_PROVIDERS } from '../execution/execution-settings';

const count = (from: number, to: number) =>
  z
    .number(`expected a whole number from ${from} to ${to}`)
    .int(`expected a whole number from ${from} to ${to}`)
    .min(from, `expected at least ${from}`)
    .max(to, `expected at most ${to}`)
    .optional();

const word = (most: number) =>
  z
    .string('expected a text')
    .min(1, 'expected a text that is not empty')
    .max(most, `expected at most ${most} characters`)
    .optional();

const guard = z.strictObject(
  {
    /** Next loses its share when a larger share of its requests fails, beyond doubt, and a larger one than of current's. */
    maxErrorShare: z
      .number('expected a number from 0 up to but not including 1')
      .min(0, 'expected at least 0')
      .lt(1, 'expected less than 1: nothing is above 1'),
    /** Requests that take longer count as failed. */
    slowMs: count(1, 3_600_000),
  },
  'expected an object with maxErrorShare',
);

const schema = z.strictObject(
  {
    /** Threads inside one operator. */
    threads: count(1, 1024),
    /** Where the model runs: `cpu`, `cuda` ... */
    provider: z.enum(EXECUTION_PROVIDERS, `expected one of ${EXECUTION_PROVIDERS.join(', ')}`).optional(),
    /** The output that /predict answers with; without it the first. */
    outputName: word(256),
    /** False runs each request by itself, even where rows were proven independent. */
    batching: z.boolean('expected true or false').optional(),
    /** What canary keys are hashed with; without it the deployment's name. Two deployments with one salt split their users alike. */
    stickySalt: word(128),
    /** Runner processes for each version. */
    replicas: count(1, 64),
    requestTimeoutMs: count(10, 3_600_000),
    maxWaitingRequests: count(1, 10_000_000),
    maxWaitingRows: count(1, Number.MAX_SAFE_INTEGER),
    maxWaitingBytes: count(1024, Number.MAX_SAFE_INTEGER),
    /** When next loses its share by itself; without it never. */
    guard: guard.optional(),
  },
  'expected an object',
);

/** What is set for one deployment; what is left out is as the server's own settings have it. */
export type DeploymentSettings = Readonly<z.output<typeof schema>>;

export type GuardSettings = NonNullable<DeploymentSettings['guard']>;

/** Reads settings that somebody sent. Throws DomainError `invalid-body`, for unknown ones too. */
export function readDeploymentSettings(value: unknown): DeploymentSettings {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = ['settings', ...(issue?.path ?? [])].join('.');
  const known = Object.keys((issue?.path[0] === 'guard' ? guard : schema).shape);
  const what =
    issue?.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')} is not known here; the settings are ${known.join(', ')}`
      : (issue?.message ?? 'not understood');
  throw new DomainError('invalid-body', `${where}: ${what}`);
}

/** Those that a runner is started with: when one of them changes, versions are loaded anew. */
export type RunnerSettings = Pick<
  DeploymentSettings,
  'threads' | 'provider' | 'batching' | 'replicas' | 'maxWaitingRequests' | 'maxWaitingRows' | 'maxWaitingBytes'
>;

/** The same text for settings under which two slots may share a runner. */
export function runnerSettingsKey(settings: RunnerSettings): string {
  const { threads, provider, batching, replicas, maxWaitingRequests, maxWaitingRows, maxWaitingBytes } = settings;
  return JSON.stringify([
    threads ?? null,
    provider ?? null,
    batching ?? null,
    replicas ?? null,
    maxWaitingRequests ?? null,
    maxWaitingRows ?? null,
    maxWaitingBytes ?? null,
  ]);
}
