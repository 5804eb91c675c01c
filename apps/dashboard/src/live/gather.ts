import type { StreamEvent } from './event-parser';

/** Figures alone are drawn this often; faster than that nobody reads. */
const FIGURES_MS = 250;

/** Of two events about the same thing only the later is worth drawing. */
const subjectOf = ({ event, data }: StreamEvent): string => {
  const [, name = ''] = /"(?:name|deployment)":"([^"]*)"/.exec(data) ?? [];
  return `${event === 'removed' ? 'deployment' : event} ${name}`;
};

/** Gathers events and hands them over together, once a frame at most, so that a hundred of them are drawn once. */
export class Gather {
  private readonly latest = new Map<string, StreamEvent>();
  private isBeginning = false;
  private frame: number | undefined;
  private timer: number | undefined;
  private drawnAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly draw: (events: readonly StreamEvent[]) => void) {}

  /** What a stream tells first is drawn as a whole. */
  begin(): void {
    this.latest.clear();
    this.isBeginning = true;
  }

  take(event: StreamEvent): void {
    if (event.event === 'heartbeat') return;
    const subject = subjectOf(event);
    this.latest.delete(subject);
    this.latest.set(subject, event);
    if (event.event === 'ready') this.isBeginning = false;
    if (!this.isBeginning) this.schedule(event.event === 'statistics');
  }

  stop(): void {
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    window.clearTimeout(this.timer);
  }

  private schedule(canWait: boolean): void {
    if (this.frame !== undefined) return;
    const waitMs = canWait ? this.drawnAt + FIGURES_MS - performance.now() : 0;
    if (waitMs <= 0) {
      this.frame = requestAnimationFrame(this.drawNow);
      return;
    }
    this.timer ??= window.setTimeout(() => {
      this.timer = undefined;
      this.schedule(false);
    }, waitMs);
  }

  private readonly drawNow = (): void => {
    this.frame = undefined;
    this.drawnAt = performance.now();
    const events = [...this.latest.values()];
    this.latest.clear();
    if (events.length > 0) this.draw(events);
  };
}
