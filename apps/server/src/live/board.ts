import { randomBytes } from 'node:crypto';

export type FrameKind = 'deployment' | 'statistics' | 'removed';

/** What is told of one thing, in the words of an event stream; written once, whoever reads it. */
export interface Frame {
  readonly kind: FrameKind;
  readonly deployment: string;
  readonly sequence: number;
  readonly text: string;
}

/** Which frames somebody wants. */
export interface Asked {
  /** Null wants all. */
  readonly deployments: ReadonlySet<string> | null;
  readonly statistics: boolean;
}

const wants = ({ deployments, statistics }: Asked, { kind, deployment }: Frame): boolean =>
  (statistics || kind !== 'statistics') && (deployments?.has(deployment) ?? true);

/**
 * The latest frame of each thing, in the order in which they changed. However far behind a reader is, what it missed is one frame for
 * each thing at most: it gets the latest state, not every step on the way.
 */
export class Board {
  /** Numbers of another process mean nothing here. */
  readonly process = randomBytes(6).toString('base64url');
  private readonly latest = new Map<string, Frame>();
  private readonly shared = new Map<string, Buffer>();
  private last = 0;

  get sequence(): number {
    return this.last;
  }

  /** Puts what is now true in place of what was. */
  put(kind: FrameKind, deployment: string, data: string): void {
    const sequence = ++this.last;
    const text = `id: ${this.process}.${sequence}\nevent: ${kind}\ndata: ${data}\n\n`;
    const topic = topicOf(kind, deployment);
    if (kind === 'removed') this.latest.delete(topicOf('statistics', deployment));
    this.latest.delete(topic);
    this.latest.set(topic, { kind, deployment, sequence, text });
    this.shared.clear();
  }

  /** Takes away statistics that nobody keeps up to date any more. */
  forgetStatistics(exceptOf: ReadonlySet<string>): void {
    for (const [topic, { kind, deployment }] of this.latest)
      if (kind === 'statistics' && !exceptOf.has(deployment)) this.latest.delete(topic);
    this.shared.clear();
  }

  /** The sequence that an id of ours stands for; 0, from where everything is told, for any other. */
  resumeFrom(lastEventId: string | undefined): number {
    const [process, sequence] = lastEventId?.split('.') ?? [];
    if (process !== this.process || sequence === undefined || !/^\d{1,15}$/.test(sequence)) return 0;
    return Number(sequence) <= this.last ? Number(sequence) : 0;
  }

  /** The bytes of what changed after `sequence`; readers who stand at the same place and want the same share them. */
  since(sequence: number, asked: Asked, key: string): Buffer {
    const place = `${sequence} ${key}`;
    const known = this.shared.get(place);
    if (known !== undefined) return known;
    const texts: string[] = [];
    for (const frame of this.latest.values()) {
      // Who begins knows nothing that could have been removed.
      const isNews = frame.sequence > sequence && (sequence > 0 || frame.kind !== 'removed');
      if (isNews && wants(asked, frame)) texts.push(frame.text);
    }
    const bytes = Buffer.from(texts.join(''));
    this.shared.set(place, bytes);
    return bytes;
  }
}

/** What is there and that it was removed take the same place. */
const topicOf = (kind: FrameKind, deployment: string): string =>
  `${kind === 'statistics' ? 'statistics' : 'deployment'} ${deployment}`;
