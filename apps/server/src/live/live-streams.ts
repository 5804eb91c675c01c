import type { ServerResponse } from 'node:http';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Clock, DomainError, HttpSettings } from '@understudy/platform';
import { Gate } from '../access/gate';
import type { AccessedRequest } from '../access/origin';
import { Drain } from '../http/drain';
import type { Asked } from './board';
import { LiveFeed } from './live-feed';
import { LiveStream, type StreamEnd } from './live-stream';

/** Whoever reads a stream may rely on a heartbeat in any ten seconds. */
const HEARTBEAT_MS = 5_000;
/** So soon a stream ends after its token or session did. */
const LOOK_AT_ACCESS_MS = 1_000;

const STOPS: StreamEnd = { code: 'draining', detail: 'The server is about to stop; ask again, another may answer' };

interface Open {
  readonly stream: LiveStream;
  readonly request: AccessedRequest;
  heartbeatAtMs: number;
}

/** Who watches: lets them in up to a limit, keeps connections alive, and ends them with the access they rest on. */
@Injectable()
export class LiveStreams implements OnModuleDestroy {
  private readonly open = new Set<Open>();
  private upkeep: AbortController | null = null;

  constructor(
    private readonly feed: LiveFeed,
    private readonly gate: Gate,
    private readonly drain: Drain,
    private readonly settings: HttpSettings,
    private readonly clock: Clock,
  ) {
    drain.onBegin(() => {
      for (const { stream } of this.open) stream.end(STOPS);
    });
  }

  onModuleDestroy(): void {
    this.upkeep?.abort();
  }

  /** Answers with an event stream until its reader goes away. Throws DomainError `no-live-stream`. */
  async answer(request: AccessedRequest, response: ServerResponse, asked: Asked, lastEventId?: string): Promise<void> {
    this.checkRoom();
    const { board } = this.feed;
    const nowMs = (): number => this.clock.monotonicMs();
    const stream = new LiveStream(response, board, asked, board.resumeFrom(lastEventId), nowMs);
    const entry: Open = { stream, request, heartbeatAtMs: nowMs() };
    this.open.add(entry);
    if (this.upkeep === null) this.keepUp();
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    stream.begin();
    const leave = this.feed.add(stream);
    await closed;
    this.open.delete(entry);
    (await leave)();
    if (this.open.size > 0) return;
    this.upkeep?.abort();
    this.upkeep = null;
  }

  private checkRoom(): void {
    const { maxLiveStreams } = this.settings;
    if (this.drain.isDraining) throw new DomainError('no-live-stream', 'The server is about to stop');
    if (this.open.size < maxLiveStreams) return;
    throw new DomainError(
      'no-live-stream',
      `${this.open.size} live streams are open, of at most ${maxLiveStreams} (UNDERSTUDY_MAX_LIVE_STREAMS). Ask GET /deployments now and then instead`,
    );
  }

  private keepUp(): void {
    this.upkeep = new AbortController();
    const { signal } = this.upkeep;
    const run = async (): Promise<void> => {
      while (!signal.aborted) {
        for (const entry of this.open) this.look(entry);
        await this.clock.sleep(LOOK_AT_ACCESS_MS, signal).catch(() => undefined);
      }
    };
    void run();
  }

  private look(entry: Open): void {
    const { stream, request } = entry;
    const refused = this.gate.whyRefused(request, 'view');
    if (refused !== undefined) {
      stream.end({ code: refused.code, detail: refused.message });
      return;
    }
    const nowMs = this.clock.monotonicMs();
    if (nowMs - entry.heartbeatAtMs < HEARTBEAT_MS) return;
    entry.heartbeatAtMs = nowMs;
    stream.beat(`event: heartbeat\ndata: ${JSON.stringify({ at: this.clock.now() })}\n\n`);
  }
}
