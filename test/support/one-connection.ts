import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text as wholeText } from 'node:stream/consumers';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** A client with one connection, which it keeps and replaces when the server closes it. One request at a time. */
export class OneConnection {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly url: string) {}

  /** Rejects where the connection breaks before the answer is whole. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = request(`${this.url}${path}`, {
      method,
      agent: this.agent,
      // Node announces no length of its own where a DELETE has a body.
      headers: {
        ...(text === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
        ...headers,
      },
    });
    sent.end(text);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const received = await wholeText(answer);
    const isJson = received !== '' && answer.headers['content-type']?.includes('json') === true;
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: isJson ? (JSON.parse(received) as unknown) : received,
    };
  }

  async predict(data: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.ask('POST', '/predict', { data }, headers);
  }

  close(): void {
    this.agent.destroy();
  }
}
