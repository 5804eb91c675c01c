import { Agent, request } from 'node:http';

/** One prediction's end; times in milliseconds of performance.now(). */
export interface Prediction {
  readonly leftMs: number;
  readonly endedMs: number;
  /** When there was a connection to send it on; Infinity where there never was one. */
  readonly sentMs: number;
  /** 0 where the connection broke. */
  readonly status: number;
  /** What X-Model-Version says. */
  readonly version: string | undefined;
  readonly body: string;
  /** The server said "100 Continue": it has the request and owes an answer. */
  readonly wasTaken: boolean;
}

export interface LoadOptions {
  readonly url: string;
  readonly requestsPerSecond: number;
  /** Asks for "100 Continue", so that it is known which requests the server took. */
  readonly asksWhetherTaken?: boolean;
  /** Breaks this request off while it is under way: the loss that a gate must notice. */
  readonly dropped?: number;
}

const BODY = JSON.stringify({ data: [[1, 2, 3, 4]] });

/** Predictions that leave on the clock, whether or not the last was answered: a stall cannot hide. */
export class PredictionLoad {
  readonly done: Prediction[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  private readonly timer: NodeJS.Timeout;
  private count = 0;
  private taken = 0;

  constructor(private readonly options: LoadOptions) {
    const startMs = performance.now();
    this.timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startMs) / 1000) * options.requestsPerSecond);
      while (this.count < due) this.send(this.count++);
    }, 1);
  }

  /** Requests that the server said it has, and has not answered yet. */
  get takenUnderWay(): number {
    return this.taken;
  }

  /** Sends nothing more, and waits for what is under way. */
  async end(): Promise<readonly Prediction[]> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
    this.agent.destroy();
    return this.done;
  }

  private send(index: number): void {
    const sent = this.exchange(index === this.options.dropped).then((prediction) => {
      this.done.push(prediction);
    });
    this.underWay.add(sent);
    void sent.finally(() => this.underWay.delete(sent));
  }

  private exchange(isDropped: boolean): Promise<Prediction> {
    const { url, asksWhetherTaken = false } = this.options;
    const leftMs = performance.now();
    return new Promise((resolve) => {
      let wasTaken = false;
      let sentMs = Infinity;
      const end = (status: number, version?: string, body = ''): void => {
        if (wasTaken) this.taken--;
        resolve({ leftMs, sentMs, endedMs: performance.now(), status, version, body, wasTaken });
      };
      const headers = { 'Content-Type': 'application/json', 'Content-Length': String(BODY.length) };
      const outgoing = request(`${url}/predict`, {
        method: 'POST',
        agent: this.agent,
        headers: asksWhetherTaken ? { ...headers, Expect: '100-continue' } : headers,
      });
      outgoing.on('socket', (socket) => {
        const note = (): void => {
          sentMs = performance.now();
        };
        if (socket.connecting) socket.once('connect', note);
        else note();
      });
      outgoing.on('continue', () => {
        wasTaken = true;
        this.taken++;
        outgoing.end(BODY);
      });
      outgoing.on('response', (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', () => {
          end(0);
        });
        answer.on('end', () => {
          const version = answer.headers['x-model-version'];
          end(answer.statusCode ?? 0, typeof version === 'string' ? version : undefined, String(Buffer.concat(chunks)));
        });
      });
      outgoing.on('error', () => {
        end(0);
      });
      if (asksWhetherTaken) outgoing.flushHeaders();
      else outgoing.end(BODY);
      if (isDropped) outgoing.on('finish', () => outgoing.destroy());
    });
  }
}

export const describeFailure = ({ status, body }: Prediction): string =>
  status === 0 ? 'a connection that broke' : `${status} ${body.slice(0, 200)}`;
