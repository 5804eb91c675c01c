import { Injectable } from '@nestjs/common';
import type { ServingSlot } from '@understudy/canary';
import { ServedDeployments, type ServedVersion } from '@understudy/model-slots';
import { Clock } from '@understudy/platform';
import { Arm, type ArmName } from './arm';

/** An arm that left its slot is still told this long: whoever asks once a minute gets its last figures. */
const KEPT_MS = 10 * 60_000;

/** Arms of one deployment that are told after they left their slots; in a series of swaps the oldest go first. */
const KEPT_ARMS = 8;

interface Entry {
  readonly arm: Arm;
  /** When it was seen outside of its slot first, on the monotonic clock; undefined while it is in it. */
  leftAtMs: number | undefined;
}

/** The arm that answered last in a slot: what almost every prediction asks for. */
interface Latest {
  readonly version: ServedVersion;
  readonly arm: Arm;
}

/** The arms that answer now, and those that did a while ago. However often versions are swapped, there are few. */
@Injectable()
export class Arms {
  private readonly latest: Readonly<Record<ServingSlot, Map<string, Latest>>> = { current: new Map(), next: new Map() };
  private readonly entries = new Map<string, Entry>();
  private readonly leaving = new Set<(arm: Arm) => void>();

  constructor(
    private readonly deployments: ServedDeployments,
    private readonly clock: Clock,
  ) {}

  /** All that are told, oldest first. */
  get all(): readonly Arm[] {
    this.forgetDeparted();
    return [...this.entries.values()].map(({ arm }) => arm);
  }

  /** The arm of a version in a slot of a deployment. */
  of(deployment: string, slot: ServingSlot, version: ServedVersion): Arm {
    const bySlot = this.latest[slot];
    const latest = bySlot.get(deployment);
    if (latest?.version === version) return latest.arm;
    const arm = this.find(deployment, slot, version.identity.uri);
    bySlot.set(deployment, { version, arm });
    return arm;
  }

  /** The arm of this name. */
  named({ deployment, slot, version }: ArmName): Arm {
    return this.find(deployment, slot, version);
  }

  /** Calls the listener with each arm just before it is forgotten. */
  onForget(listener: (arm: Arm) => void): void {
    this.leaving.add(listener);
  }

  private find(deployment: string, slot: ServingSlot, version: string): Arm {
    const key = JSON.stringify([deployment, slot, version]);
    const known = this.entries.get(key);
    if (known !== undefined) return known.arm;
    this.forgetDeparted();
    const arm = new Arm({ deployment, slot, version });
    this.entries.set(key, { arm, leftAtMs: undefined });
    return arm;
  }

  private forgetDeparted(): void {
    const nowMs = this.clock.monotonicMs();
    const inSlots = this.namesInSlots();
    const departed = new Map<string, [string, Entry][]>();
    for (const [key, entry] of this.entries) {
      entry.leftAtMs = inSlots.has(key) ? undefined : (entry.leftAtMs ?? nowMs);
      if (entry.leftAtMs === undefined) continue;
      const { deployment } = entry.arm.name;
      departed.set(deployment, [...(departed.get(deployment) ?? []), [key, entry]]);
    }
    for (const ofDeployment of departed.values()) {
      const keptFrom = ofDeployment.length - KEPT_ARMS;
      ofDeployment.sort(([, a], [, b]) => (a.leftAtMs as number) - (b.leftAtMs as number));
      for (const [index, [key, { arm, leftAtMs }]] of ofDeployment.entries())
        if (index < keptFrom || nowMs - (leftAtMs as number) > KEPT_MS) this.forget(key, arm);
    }
  }

  private forget(key: string, arm: Arm): void {
    for (const listener of this.leaving) listener(arm);
    this.entries.delete(key);
    const { deployment, slot } = arm.name;
    if (this.latest[slot].get(deployment)?.arm === arm) this.latest[slot].delete(deployment);
  }

  private namesInSlots(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { name, held } of this.deployments.all)
      for (const slot of ['current', 'next'] as const) {
        const version = held[slot];
        if (version !== null) names.add(JSON.stringify([name, slot, version.identity.uri]));
      }
    return names;
  }
}
