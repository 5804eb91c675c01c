import { renderHook, waitFor } from '@testing-library/react';
import { listensBy, onConnectionChange, phaseNow, useConnection } from './connection';
import type { StreamEvent } from './event-parser';
import { LiveConnection } from './live-connection';
import type { OpenStream } from './live-source';

/** A stream that a test writes into, as a server would. */
class FakeStream {
  private readonly waiting: string[] = [];
  private wake: () => void = () => undefined;
  private hasEnded = false;

  constructor(
    readonly query: string,
    readonly lastEventId: string | null,
    readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => {
      this.wake();
    });
  }

  tell(event: string, id?: string): void {
    this.waiting.push(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: {}\n\n`);
    this.wake();
  }

  end(): void {
    this.hasEnded = true;
    this.wake();
  }

  async *pieces(): AsyncGenerator<string> {
    for (;;) {
      yield* this.waiting.splice(0);
      if (this.signal.aborted) throw new Error('aborted');
      if (this.hasEnded) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}

function connect(answer: (attempt: number) => number | 'silent' = () => 200) {
  const streams: FakeStream[] = [];
  const events: StreamEvent[] = [];
  const heard = { began: 0, signedOut: 0 };
  const open: OpenStream = async (query, lastEventId, signal) => {
    const stream = new FakeStream(query, lastEventId, signal);
    streams.push(stream);
    const status = answer(streams.length);
    if (status === 'silent') throw new Error('nobody answers');
    return { status, pieces: stream.pieces() };
  };
  const live = new LiveConnection(open, {
    began: () => heard.began++,
    took: (event) => events.push(event),
    signedOut: () => heard.signedOut++,
  });
  return { live, streams, events, heard, stream: async (number: number) => nth(streams, number) };
}

async function nth(streams: readonly FakeStream[], number: number): Promise<FakeStream> {
  await waitFor(() => {
    expect(streams.length).toBeGreaterThanOrEqual(number);
  });
  return streams[number - 1] as FakeStream;
}

function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}

const until = (phase: string) =>
  waitFor(() => {
    expect(phaseNow()).toBe(phase);
  });

let opened: LiveConnection[] = [];

afterEach(() => {
  for (const live of opened) live.stop();
  opened = [];
  hide(false);
  listensBy('connecting');
});

function show(connection: ReturnType<typeof connect>, query = '') {
  opened.push(connection.live);
  connection.live.show(query);
  return connection;
}

describe('LiveConnection', () => {
  it('is live once everything was told', async () => {
    const { stream, events } = show(connect(), '?deployments=shop');
    const first = await stream(1);
    expect(first.query).toBe('?deployments=shop');
    first.tell('deployment', 'p.1');
    await waitFor(() => {
      expect(events).toHaveLength(1);
    });
    expect(phaseNow()).toBe('connecting');
    first.tell('ready');
    await until('live');
  });

  it('goes on after a break where it broke off, and nobody hears of it', async () => {
    const phases: string[] = [];
    const forget = onConnectionChange(() => phases.push(phaseNow()));
    const { stream } = show(connect());
    const first = await stream(1);
    first.tell('deployment', 'p.7');
    first.tell('ready');
    await until('live');
    first.end();
    const second = await stream(2);
    expect(second.lastEventId).toBe('p.7');
    second.tell('ready');
    expect(phases).toEqual(['live']);
    forget();
  });

  it('has what is shown asked for in the other way where the server refuses a stream, and tries again', async () => {
    const { stream } = show(connect((attempt) => (attempt === 1 ? 503 : 200)));
    await stream(1);
    await until('polling');
    const second = await stream(2);
    expect(second.lastEventId).toBeNull();
    second.tell('ready');
    await until('live');
  });

  it('says that data is old where nobody answers any more', async () => {
    const { stream } = show(connect((attempt) => (attempt === 1 ? 200 : 'silent')));
    const first = await stream(1);
    first.tell('ready');
    await until('live');
    first.end();
    await stream(2);
    await until('polling');
    expect(renderHook(useConnection).result.current.lostAt).not.toBeNull();
  });

  it('pauses while the page is hidden, and catches up when it is shown', async () => {
    const { streams, stream } = show(connect());
    const first = await stream(1);
    first.tell('deployment', 'p.3');
    first.tell('ready');
    await until('live');
    hide(true);
    expect(first.signal.aborted).toBe(true);
    await new Promise((resolve) => {
      requestAnimationFrame(resolve);
    });
    expect(streams).toHaveLength(1);
    hide(false);
    expect((await stream(2)).lastEventId).toBe('p.3');
  });

  it('asks anew for what another page shows', async () => {
    const { live, stream } = show(connect());
    const first = await stream(1);
    first.tell('deployment', 'p.3');
    first.tell('ready');
    await until('live');
    live.show('?deployments=mail');
    const second = await stream(2);
    expect(first.signal.aborted).toBe(true);
    expect([second.query, second.lastEventId]).toEqual(['?deployments=mail', null]);
    expect(phaseNow()).toBe('live');
  });

  it('tells when nobody is signed in any more', async () => {
    const { heard } = show(connect(() => 401));
    await waitFor(() => {
      expect(heard).toEqual({ began: 0, signedOut: 1 });
    });
  });
});
