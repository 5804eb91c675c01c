import type { Readable } from 'node:stream';
import type { AxiosError } from 'axios';
import { exponentialDelay, type IAxiosRetryConfig, isNetworkError, retryAfter } from 'axios-retry';

/** The statuses that MLflow's own client tries again. */
const WORTH_RETRYING = new Set([408, 429, 500, 502, 503, 504]);
export const MAX_DELAY_MS = 10_000;
const FIRST_DELAY_MS = 200;

export const isStatusWorthRetrying = (status: number): boolean => WORTH_RETRYING.has(status);

/** Lost connections and passing troubles are tried again, with pauses that grow or that the server asks for, within bounds. */
export function retries(times: number): IAxiosRetryConfig {
  return {
    retries: times,
    shouldResetTimeout: true,
    retryCondition: (error) =>
      hasAnswer(error) ? isStatusWorthRetrying(error.response.status) : isTransferFailure(error),
    retryDelay: (attempt, error) => Math.min(pauseBefore(attempt, error), MAX_DELAY_MS),
    // The answer that nobody reads would hold its connection.
    onRetry: (_, error) => {
      (error.response?.data as Partial<Readable> | undefined)?.destroy?.();
    },
  };
}

/** Whether there is an answer with the status of an error, as opposed to none or to one that broke half-way. */
export function hasAnswer(error: AxiosError): error is AxiosError & Required<Pick<AxiosError, 'response'>> {
  return error.response !== undefined && error.response.status >= 400;
}

/** Whether the network failed, as opposed to what the server sent: too long, or compressed in a way that cannot be undone. */
export function isTransferFailure(error: AxiosError): boolean {
  if (error.code === 'ECONNABORTED') return true;
  if (error.response !== undefined) return error.code === 'ERR_BAD_RESPONSE' || error.code === 'ECONNRESET';
  return error.code !== 'ERR_BAD_RESPONSE' && isNetworkError(error);
}

function pauseBefore(attempt: number, error: AxiosError): number {
  const asked = retryAfter(error);
  return Number.isFinite(asked) && asked > 0 ? asked : exponentialDelay(attempt, undefined, FIRST_DELAY_MS);
}
