import { request as httpRequest, type IncomingMessage } from 'node:http';

export interface LiveEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: unknown;
}

/** Reads an event stream from a server, as it comes. */
export class LiveReader {
  readonly events: LiveEvent[] = [];
  hasEnded = false;
  private rest = '';
  private wake: () => void = () => undefined;

  private constructor(private readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      const blocks = (this.rest + text).split(/\r\n\r\n|\n\n|\r\r/);
      this.rest = blocks.pop() ?? '';
      for (const block of blocks) this.take(block);
      this.wake();
    });
    response.on('close', () => {
      this.hasEnded = true;
      this.wake();
    });
    response.on('error', () => undefined);
  }

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<LiveReader> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(url, { agent: false, headers });
      request.on('error', reject);
      request.on('response', (response) => {
        if (response.statusCode === 200) resolve(new LiveReader(response));
        else reject(new Error(`answered ${response.statusCode}`));
      });
      request.end();
    });
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get lastId(): string {
    return this.events.findLast(({ id }) => id !== undefined)?.id ?? '';
  }

  named(event: string): LiveEvent[] {
    return this.events.filter((one) => one.event === event);
  }

  /** The first event that there is, or will be, of this kind and with this in it. */
  async first<Data>(event: string, isIt: (data: Data) => boolean = () => true): Promise<Data> {
    const deadline = AbortSignal.timeout(15_000);
    for (;;) {
      const found = this.named(event).find(({ data }) => isIt(data as Data));
      if (found !== undefined) return found.data as Data;
      if (this.hasEnded || deadline.aborted)
        throw new Error(`no such ${event}; there were ${JSON.stringify(this.events.slice(-3)).slice(0, 2000)}`);
      await this.news(deadline);
    }
  }

  async ended(): Promise<void> {
    const deadline = AbortSignal.timeout(15_000);
    while (!this.hasEnded) {
      if (deadline.aborted) throw new Error('the stream does not end');
      await this.news(deadline);
    }
  }

  close(): void {
    this.response.destroy();
  }

  private async news(deadline: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      deadline.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    });
  }

  private take(block: string): void {
    const fields = new Map(block.split(/\r\n|\n|\r/).map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    const event = fields.get('event');
    const data = fields.get('data');
    if (event === undefined || data === undefined) return;
    this.events.push({ id: fields.get('id'), event, data: JSON.parse(data) as unknown });
  }
}
