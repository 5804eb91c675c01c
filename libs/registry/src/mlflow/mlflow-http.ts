import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { DomainError, messageOf, type MlflowCredentials } from '@understudy/platform';
import axios, {
  type AxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  isAxiosError,
} from 'axios';
import axiosRetry, { exponentialDelay, isNetworkError, retryAfter } from 'axios-retry';
import type { z } from 'zod';
import { errorWire } from './mlflow-wire';
import { withIdleTimeout } from './with-idle-timeout';

export interface MlflowServer {
  readonly trackingUri: string;
  readonly credentials: MlflowCredentials;
  readonly requestTimeoutMs: number;
  readonly maxRetries: number;
}

/** The statuses that MLflow's own client tries again. */
const WORTH_RETRYING = new Set([408, 429, 500, 502, 503, 504]);
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_REDIRECTS = 3;
const MAX_RETRY_DELAY_MS = 10_000;
const FIRST_RETRY_DELAY_MS = 200;

/** The MLflow server answered with one of its errors. */
export class MlflowApiError extends Error {
  constructor(
    readonly status: number,
    /** MLflow's own code, such as RESOURCE_DOES_NOT_EXIST; empty where the answer was not its JSON. */
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
    this.name = 'MlflowApiError';
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/**
 * HTTP to one MLflow server and to nowhere else: redirects to another origin are refused, so credentials stay where they were
 * configured for. Reads are tried again with growing pauses; a connection is used once, so no answer can be mistaken for another's.
 */
export class MlflowHttp {
  readonly origin: string;
  /** The tracking URI without credentials. */
  readonly baseUrl: string;
  private readonly client: AxiosInstance;

  constructor(private readonly server: MlflowServer) {
    const url = new URL(server.trackingUri);
    const auth = authorization(server.credentials, url);
    url.username = '';
    url.password = '';
    this.origin = url.origin;
    this.baseUrl = url.toString().replace(/\/+$/, '');
    this.client = axios.create({
      timeout: server.requestTimeoutMs,
      maxRedirects: 0,
      validateStatus: (status) => status < 400,
      headers: { ...(auth === undefined ? {} : { Authorization: auth }), 'User-Agent': 'understudy' },
      httpAgent: new http.Agent({ keepAlive: false }),
      httpsAgent: new https.Agent({ keepAlive: false, ...tlsOptions(server.credentials) }),
    });
    axiosRetry(this.client, {
      retries: server.maxRetries,
      shouldResetTimeout: true,
      retryCondition: isWorthRetrying,
      retryDelay: (attempt, error) => Math.min(pauseBefore(attempt, error), MAX_RETRY_DELAY_MS),
    });
  }

  async getJson<Schema extends z.ZodType>(
    path: string,
    query: Query,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    return this.json({ method: 'GET', params: query }, path, schema, signal);
  }

  async postJson<Schema extends z.ZodType>(
    path: string,
    body: object,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    return this.json({ method: 'POST', data: body }, path, schema, signal);
  }

  /** The bytes of an artifact as they come. A pause longer than the request timeout ends it as `registry-unavailable`. */
  async stream(path: string, query: Query, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.request(
      {
        method: 'GET',
        params: query,
        responseType: 'stream',
        decompress: false,
        headers: { 'Accept-Encoding': 'identity' },
      },
      path,
      signal,
    );
    const body = response.data as Readable;
    const encoding = String(response.headers['content-encoding'] ?? 'identity');
    if (encoding !== 'identity') {
      body.destroy();
      throw badAnswer(
        `it sent a file with Content-Encoding ${JSON.stringify(encoding.slice(0, 100))}, which was not asked for`,
      );
    }
    return withIdleTimeout(body, this.server.requestTimeoutMs, (cause) => this.unavailable(cause));
  }

  private async json<Schema extends z.ZodType>(
    config: AxiosRequestConfig,
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    const response = await this.request(
      {
        ...config,
        responseType: 'text',
        transformResponse: (text: unknown) => text,
        maxContentLength: MAX_ANSWER_BYTES,
      },
      path,
      signal,
    );
    const parsed = schema.safeParse(parseJson(String(response.data ?? '')));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw badAnswer(
        `its answer to ${path} is not MLflow's (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
      );
    }
    return parsed.data;
  }

  private async request(config: AxiosRequestConfig, path: string, signal: AbortSignal): Promise<AxiosResponse> {
    let url = `${this.baseUrl}${path}`;
    for (let redirects = 0; ; redirects++) {
      const response = await this.send({ ...config, url, signal, ...(redirects > 0 ? { params: undefined } : {}) });
      if (response.status < 300) return response;
      (response.data as Partial<Readable> | undefined)?.destroy?.();
      if (redirects === MAX_REDIRECTS) throw badAnswer(`it redirects more than ${MAX_REDIRECTS} times`);
      url = this.redirectTarget(url, response);
    }
  }

  private redirectTarget(from: string, response: AxiosResponse): string {
    const location = String(response.headers['location'] ?? '');
    const target = URL.canParse(location, from) ? new URL(location, from) : undefined;
    if (target?.origin === this.origin && target.username === '') return target.toString();
    throw badAnswer(
      `it redirects to ${target?.origin ?? 'nowhere'}, and Understudy asks only ${this.origin}. If that is the server, set MLFLOW_TRACKING_URI to it`,
    );
  }

  private async send(config: AxiosRequestConfig): Promise<AxiosResponse> {
    try {
      return await this.client.request(config);
    } catch (error) {
      if (config.signal?.aborted) throw (config.signal as AbortSignal).reason ?? error;
      throw await this.toFailure(error);
    }
  }

  private async toFailure(error: unknown): Promise<Error> {
    if (!isAxiosError(error)) return this.unavailable(error);
    if (error.response === undefined) {
      return error.code === 'ERR_BAD_RESPONSE' ? badAnswer(error.message) : this.unavailable(error);
    }
    const { status } = error.response;
    const { errorCode, message } = readErrorBody(await bodyText(error.response.data));
    if (status === 401 || status === 403) return this.refused(status, message);
    if (WORTH_RETRYING.has(status))
      return this.unavailable(new Error(`it answers ${status}${message === '' ? '' : `: ${message}`}`));
    return new MlflowApiError(status, errorCode, message);
  }

  private refused(status: number, message: string): DomainError {
    return new DomainError(
      'registry-refused',
      `The MLflow server at ${this.baseUrl} refuses this client (${status}${message === '' ? '' : `: ${message}`}). ` +
        'Check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN; ' +
        'a server that sees another host name needs it in its --allowed-hosts',
    );
  }

  private unavailable(cause: unknown): DomainError {
    if (cause instanceof DomainError) return cause;
    return new DomainError(
      'registry-unavailable',
      `The MLflow server at ${this.baseUrl} cannot be reached: ${describeNetworkError(cause)}. What is loaded goes on serving; try again`,
      {},
      { cause },
    );
  }
}

export function badAnswer(why: string): DomainError {
  return new DomainError('registry-bad-answer', `The registry gave an answer that cannot be used: ${why}`);
}

function authorization(credentials: MlflowCredentials, url: URL): string | undefined {
  const username = credentials.username ?? (decodeURIComponent(url.username) || undefined);
  const password = credentials.password ?? (decodeURIComponent(url.password) || undefined);
  if (username !== undefined && password !== undefined) {
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
  return credentials.token === undefined ? undefined : `Bearer ${credentials.token}`;
}

function tlsOptions({ caPath, clientCertPath, insecureTls }: MlflowCredentials): https.AgentOptions {
  const ca = caPath === undefined ? undefined : readPem(caPath, 'MLFLOW_TRACKING_SERVER_CERT_PATH');
  const client = clientCertPath === undefined ? undefined : readPem(clientCertPath, 'MLFLOW_TRACKING_CLIENT_CERT_PATH');
  return {
    rejectUnauthorized: !insecureTls,
    ...(ca === undefined ? {} : { ca }),
    ...(client === undefined ? {} : { cert: client, key: client }),
  };
}

function readPem(path: string, setting: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${setting}: the PEM file cannot be read (${messageOf(error)})`, { cause: error });
  }
}

function isWorthRetrying(error: AxiosError): boolean {
  if (error.response !== undefined) return WORTH_RETRYING.has(error.response.status);
  return isNetworkError(error) || error.code === 'ECONNABORTED';
}

function pauseBefore(attempt: number, error: AxiosError): number {
  const asked = retryAfter(error);
  return Number.isFinite(asked) && asked > 0 ? asked : exponentialDelay(attempt, undefined, FIRST_RETRY_DELAY_MS);
}

function parseJson(text: string): unknown {
  if (text.trim() === '' || text === '200 OK') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw badAnswer('it is not JSON. Does MLFLOW_TRACKING_URI point at an MLflow server?');
  }
}

/** Errors may also be HTML or plain text (unknown routes, host checks, basic authentication). */
function readErrorBody(text: string): { errorCode: string; message: string } {
  try {
    const parsed = errorWire.safeParse(JSON.parse(text));
    if (parsed.success)
      return { errorCode: parsed.data.error_code, message: (parsed.data.message ?? '').slice(0, 500) };
  } catch {
    // not JSON: told by its first words below
  }
  return { errorCode: '', message: /^\s*</.test(text) ? '' : text.trim().slice(0, 200) };
}

async function bodyText(data: unknown): Promise<string> {
  if (typeof data === 'string') return data;
  if (data === null || typeof data !== 'object' || !(Symbol.asyncIterator in data)) return '';
  let text = '';
  try {
    for await (const chunk of data as AsyncIterable<Buffer>) {
      text += chunk.toString('utf8');
      if (text.length > 10_000) break;
    }
  } catch {
    // the beginning is enough
  }
  return text;
}

function describeNetworkError(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? 'no reason given';
  return messageOf(cause).split('\n', 1)[0] || code;
}
