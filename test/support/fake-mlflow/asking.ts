import type { MlflowCredentials } from '@understudy/platform';
import { z } from 'zod';
import { MlflowHttp } from '../../../libs/registry/src/mlflow/mlflow-http';

export interface HttpSettings {
  /** Where to ask instead. */
  readonly trackingUri?: string;
  readonly credentials?: Partial<MlflowCredentials>;
  readonly requestTimeoutMs?: number;
  readonly maxRetries?: number;
}

const schema = z.object({ registered_model: z.object({ name: z.string() }) });

/** HTTP to a tracking server, without retries or credentials unless a test wants them. */
export function httpOn(
  url: string,
  { trackingUri = url, credentials, requestTimeoutMs = 5000, maxRetries = 0 }: HttpSettings = {},
): MlflowHttp {
  return new MlflowHttp({
    trackingUri,
    credentials: {
      username: undefined,
      password: undefined,
      token: undefined,
      tokenPath: undefined,
      caPath: undefined,
      clientCertPath: undefined,
      insecureTls: false,
      ...credentials,
    },
    requestTimeoutMs,
    maxRetries,
  });
}

/** Asks for a registered model: what stands here for any question that is answered in JSON. */
export async function askFor(name: string, http: MlflowHttp, signal: AbortSignal): Promise<z.output<typeof schema>> {
  return http.getJson('/api/2.0/mlflow/registered-models/get', { name }, schema, signal);
}

/** Reads a file to its end and tells how long it was. */
export async function downloadFrom(http: MlflowHttp, path: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const chunk of await http.stream(path, {}, signal)) bytes += chunk.byteLength;
  return bytes;
}

export async function failureOf(doing: Promise<unknown>): Promise<Error> {
  return doing.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as Error,
  );
}

/** What a DomainError looks like to `toEqual`. */
export function failure(code: string, message = /./): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}

/** Waits for something that happens soon; the test's own time limit ends it. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}
