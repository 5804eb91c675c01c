import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { DomainError, messageOf, type MlflowCredentials } from '@understudy/platform';
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse, isAxiosError } from 'axios';
import axiosRetry from 'axios-retry';
import type { z } from 'zod';
import { type Authorization, authorizationFor } from './authorization';
import { readErrorAnswer } from './error-answer';
import { hasAnswer, isStatusWorthRetrying, isTransferFailure, MAX_DELAY_MS, retries } from './retries';
import { withIdleTimeout } from './with-idle-timeout';

export interface MlflowServer {
  readonly trackingUri: string;
  readonly credentials: MlflowCredentials;
  readonly requestTimeoutMs: number;
  readonly maxRetries: number;
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_REDIRECTS = 3;

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
  private authorization: Authorization;

  constructor(private readonly server: MlflowServer) {
    const url = new URL(server.trackingUri);
    this.authorization = authorizationFor(server.credentials, url);
    url.username = '';
    url.password = '';
    url.search = '';
    url.hash = '';
    this.origin = url.origin;
    this.baseUrl = url.toString().replace(/\/+$/, '');
    this.client = axios.create({
      timeout: server.requestTimeoutMs,
      maxRedirects: 0,
      validateStatus: (status) => status < 400,
      headers: { 'User-Agent': 'understudy' },
      httpAgent: new http.Agent({ keepAlive: false }),
      httpsAgent: new https.Agent({ keepAlive: false, ...tlsOptions(server.credentials) }),
    });
    this.client.interceptors.request.use(async (request) => {
      const { header } = await this.authorize();
      if (header !== undefined) request.headers.set('Authorization', header);
      return request;
    });
    axiosRetry(this.client, retries(server.maxRetries));
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
    try {
      checkDecoded(response);
    } catch (error) {
      body.destroy();
      throw error;
    }
    return withIdleTimeout(body, this.server.requestTimeoutMs, (cause) => this.unavailable(cause));
  }

  private async json<Schema extends z.ZodType>(
    config: AxiosRequestConfig,
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    // The HTTP client's own timeout ends with the first byte of the answer and is for one try.
    const { requestTimeoutMs, maxRetries } = this.server;
    const inTime = AbortSignal.timeout(2 * requestTimeoutMs * (maxRetries + 1) + MAX_DELAY_MS * maxRetries);
    const response = await this.request(
      {
        ...config,
        responseType: 'text',
        transformResponse: (text: unknown) => text,
        maxContentLength: MAX_ANSWER_BYTES,
      },
      path,
      AbortSignal.any([signal, inTime]),
    );
    checkDecoded(response);
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
      const response = await this.send({ ...config, url, ...(redirects > 0 ? { params: undefined } : {}) }, signal);
      if (response.status < 300) return response;
      (response.data as Partial<Readable> | undefined)?.destroy?.();
      if (redirects === MAX_REDIRECTS) throw badAnswer(`it redirects more than ${MAX_REDIRECTS} times`);
      url = this.redirectTarget(url, response);
    }
  }

  private redirectTarget(from: string, response: AxiosResponse): string {
    const location = String(response.headers['location'] ?? '');
    const target = location !== '' && URL.canParse(location, from) ? new URL(location, from) : undefined;
    if (target?.origin === this.origin && target.username === '' && target.password === '') return target.toString();
    throw badAnswer(
      `it redirects to ${target?.origin ?? 'nowhere'}, and Understudy asks only ${this.origin}. If that is the server, set MLFLOW_TRACKING_URI to it`,
    );
  }

  private async send(config: AxiosRequestConfig, signal: AbortSignal): Promise<AxiosResponse> {
    try {
      return await this.client.request({ ...config, signal });
    } catch (error) {
      const failure = await this.toFailure(error, signal);
      throw signal.aborted ? this.whyAborted(signal.reason) : failure;
    }
  }

  /** A token in a file is read each time: whoever rotates it restarts nothing. */
  private async authorize(): Promise<Authorization> {
    const { credentials, trackingUri } = this.server;
    if (credentials.tokenPath !== undefined) {
      const token = await readToken(credentials.tokenPath);
      this.authorization = authorizationFor({ ...credentials, token }, new URL(trackingUri));
    }
    return this.authorization;
  }

  private whyAborted(reason: unknown): unknown {
    const isTimeout = (reason as Partial<DOMException> | null | undefined)?.name === 'TimeoutError';
    return isTimeout ? this.unavailable(new Error('there was no answer in time')) : reason;
  }

  private async toFailure(error: unknown, signal: AbortSignal): Promise<Error> {
    if (!isAxiosError(error)) return this.unavailable(error);
    if (!hasAnswer(error)) {
      const isAnswerToBlame = error.code === 'ERR_BAD_RESPONSE' || error.response !== undefined;
      return isAnswerToBlame && !isTransferFailure(error) ? badAnswer(error.message) : this.unavailable(error);
    }
    const { status, data } = error.response;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(this.server.requestTimeoutMs)]);
    const answer = await readErrorAnswer(data, bounded);
    const message = this.authorization.conceal(answer.message);
    if (status === 401 || status === 403) return this.refused(status, message);
    if (isStatusWorthRetrying(status))
      return this.unavailable(new Error(`it answers ${status}${message === '' ? '' : `: ${message}`}`));
    return new MlflowApiError(status, this.authorization.conceal(answer.errorCode), message);
  }

  private refused(status: number, message: string): DomainError {
    return new DomainError(
      'registry-refused',
      `The MLflow server at ${this.baseUrl} refuses this client (${status}${message === '' ? '' : `: ${message}`}). ` +
        'Check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_TOKEN or UNDERSTUDY_MLFLOW_TOKEN_FILE; ' +
        'a server that sees another host name needs it in its --allowed-hosts',
    );
  }

  private unavailable(cause: unknown): DomainError {
    if (cause instanceof DomainError) return cause;
    return new DomainError(
      'registry-unavailable',
      `The MLflow server at ${this.baseUrl} cannot be reached: ${describeNetworkError(cause)}. What is loaded goes on serving; try again`,
      {},
      // Never the HTTP client's own error: it carries the request with its Authorization header.
      { cause: isAxiosError(cause) ? new Error(`${cause.code ?? ''} ${cause.message}`) : cause },
    );
  }
}

export function badAnswer(why: string): DomainError {
  return new DomainError('registry-bad-answer', `The registry gave an answer that cannot be used: ${why}`);
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

/** Throws DomainError `registry-refused` without what the file holds. */
async function readToken(path: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new DomainError(
      'registry-refused',
      `UNDERSTUDY_MLFLOW_TOKEN_FILE: the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no reason given'})`,
    );
  }
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new DomainError(
    'registry-refused',
    'UNDERSTUDY_MLFLOW_TOKEN_FILE: expected one token in the file, without spaces or line breaks in it',
  );
}

function readPem(path: string, setting: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${setting}: the PEM file cannot be read (${messageOf(error)})`, { cause: error });
  }
}

/** What is still encoded here was encoded in a way that was not asked for. */
function checkDecoded({ headers }: AxiosResponse): void {
  const encoding = String(headers['content-encoding'] ?? 'identity');
  if (encoding === 'identity') return;
  throw badAnswer(`it has the Content-Encoding ${JSON.stringify(encoding.slice(0, 100))}, which was not asked for`);
}

function parseJson(text: string): unknown {
  if (text.trim() === '' || text === '200 OK') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw badAnswer('it is not JSON. Does MLFLOW_TRACKING_URI point at an MLflow server?');
  }
}

function describeNetworkError(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? 'no reason given';
  return messageOf(cause).split('\n', 1)[0] || code;
}
