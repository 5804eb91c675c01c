import { Injectable } from '@nestjs/common';
import { MemoryPressure } from '@understudy/model-slots';

/**
 * How far the server is on its way out. It is not ready first, and asks clients to reconnect elsewhere once it accepts no connection any
 * more: one that was asked earlier would come back, and might come in the moment in which the port closes.
 */
@Injectable()
export class Drain {
  private draining = false;
  private accepting = true;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly memory: MemoryPressure) {}

  get isDraining(): boolean {
    return this.draining;
  }

  /** Whether answers ask the client to open another connection next time: also where memory is short. */
  get endsConnections(): boolean {
    return !this.accepting || this.memory.isHigh;
  }

  /** Calls the listener when the server begins to stop, for answers that would not end by themselves. */
  onBegin(listener: () => void): void {
    this.listeners.add(listener);
  }

  begin(): void {
    this.draining = true;
    for (const listener of this.listeners) listener();
  }

  /** To be called when no connection is accepted any more. */
  endConnections(): void {
    this.accepting = false;
  }
}
