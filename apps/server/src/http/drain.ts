import { Injectable } from '@nestjs/common';
import { MemoryPressure } from '@understudy/model-slots';

/** Whether the server is about to stop: it is then not ready, and asks clients to reconnect elsewhere. */
@Injectable()
export class Drain {
  private draining = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly memory: MemoryPressure) {}

  get isDraining(): boolean {
    return this.draining;
  }

  /** Whether answers ask the client to open another connection next time: also where memory is short. */
  get endsConnections(): boolean {
    return this.draining || this.memory.isHigh;
  }

  /** Calls the listener when the server begins to stop, for answers that would not end by themselves. */
  onBegin(listener: () => void): void {
    this.listeners.add(listener);
  }

  begin(): void {
    this.draining = true;
    for (const listener of this.listeners) listener();
  }
}
