import { type Clock, type Logger, messageOf } from '@understudy/platform';
import type { ControlLog } from '../control/control-log';
import { readHead } from '../control/head';
import type { Database } from '../database/database';
import type { StoreSettings } from '../store-settings';
import { ChangeFeed } from './change-feed';
import { PostgresListener } from './postgres-listener';

/**
 * Announcements by LISTEN and NOTIFY, and polling for those that are missed: a listener whose connection broke hears nothing, and
 * does not always know. The embedded kind has one server, which hears itself.
 */
export class SqlChangeFeed extends ChangeFeed {
  private readonly listeners = new Set<() => void>();
  private readonly stopping = new AbortController();
  private readonly listener: PostgresListener | null;
  private readonly forgetControl: () => void;
  private polling: Promise<void> = Promise.resolve();
  private seen = -1;

  constructor(
    private readonly database: Database,
    control: ControlLog,
    private readonly settings: StoreSettings,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    super();
    this.forgetControl = control.onRevision((revision) => {
      this.heard(revision);
    });
    const { place } = settings;
    this.listener =
      place.kind === 'embedded'
        ? null
        : new PostgresListener(place.url, settings, clock, logger, (revision) => {
            if (revision === null) void this.poll();
            else this.heard(revision);
          });
  }

  override get isListening(): boolean {
    return this.listener?.isListening ?? true;
  }

  override subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  start(): void {
    if (this.listener === null) return;
    this.listener.start();
    this.polling = this.pollUntilStopped();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('the server is stopping'));
    this.forgetControl();
    this.listeners.clear();
    await Promise.all([this.polling, this.listener?.stop()]);
  }

  private async pollUntilStopped(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.poll();
      await this.clock.sleep(this.settings.pollIntervalMs, signal).catch(() => undefined);
    }
  }

  private async poll(): Promise<void> {
    try {
      const { revision } = await this.database.read(readHead);
      // Smaller than before where a backup was restored: that is a change as well.
      if (revision !== this.seen) this.heard(revision, 'any');
    } catch (error) {
      this.logger.debug('Could not look for changes', { problem: messageOf(error) });
    }
  }

  private heard(revision: number, which: 'newer' | 'any' = 'newer'): void {
    if (which === 'newer' && revision <= this.seen) return;
    this.seen = revision;
    for (const listener of this.listeners) {
      try {
        listener();
      } catch (error) {
        this.logger.error('A listener for changes failed', { problem: messageOf(error) });
      }
    }
  }
}
