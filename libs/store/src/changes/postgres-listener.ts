import pg from 'pg';
import { type Clock, type Logger, messageOf } from '@understudy/platform';
import { CHANNEL } from '../control/control-log';
import { connectionOptions } from '../database/postgres';
import type { StoreSettings } from '../store-settings';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Hears announcements on a connection of its own, which it opens again whenever it breaks. */
export class PostgresListener {
  private readonly stopping = new AbortController();
  private client: pg.Client | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly settings: StoreSettings,
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** Called with each announcement, and with null after each (re)connection: what was announced before is not known. */
    private readonly onAnnouncement: (revision: number | null) => void,
  ) {}

  get isListening(): boolean {
    return this.client !== null;
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the server is stopping'));
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.listenUntilBroken(() => {
          pauseMs = FIRST_PAUSE_MS;
        });
      } catch (error) {
        if (pauseMs === FIRST_PAUSE_MS) {
          this.logger.warn('Not listening for changes; polling until PostgreSQL is back', {
            problem: messageOf(error),
          });
        }
      }
      await this.clock.sleep(pauseMs, signal).catch(() => undefined);
    }
  }

  /** Resolves when the listener is stopped; throws when the connection breaks or cannot be made. */
  private async listenUntilBroken(onConnected: () => void): Promise<void> {
    const client = new pg.Client(connectionOptions(this.url, this.settings));
    const { signal } = this.stopping;
    const broken = new Promise<void>((resolve, reject) => {
      client.on('error', reject);
      client.on('end', () => {
        reject(new Error('the connection ended'));
      });
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    // Waited for below; until then a failure must not count as unhandled.
    broken.catch(() => undefined);
    try {
      await client.connect();
      client.on('notification', ({ payload }) => {
        this.onAnnouncement(Number(payload));
      });
      await client.query(`LISTEN ${CHANNEL}`);
      this.client = client;
      onConnected();
      this.onAnnouncement(null);
      await broken;
    } finally {
      this.client = null;
      // A server that hangs does not say goodbye; nobody waits for it.
      client.end().catch(() => undefined);
    }
  }
}
