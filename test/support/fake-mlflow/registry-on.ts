import { MlflowRegistry } from '../../../libs/registry/src/mlflow/mlflow-registry';

export interface ClientSettings {
  readonly token?: string;
  readonly requestTimeoutMs?: number;
  readonly maxRetries?: number;
}

/** The registry adapter on a tracking server, with nothing set that a test does not set. */
export function registryOn(
  trackingUri: string,
  { token, requestTimeoutMs = 10_000, maxRetries = 0 }: ClientSettings = {},
): MlflowRegistry {
  return new MlflowRegistry({
    trackingUri,
    credentials: {
      username: undefined,
      password: undefined,
      token,
      tokenPath: undefined,
      caPath: undefined,
      clientCertPath: undefined,
      insecureTls: false,
    },
    requestTimeoutMs,
    maxRetries,
  });
}
