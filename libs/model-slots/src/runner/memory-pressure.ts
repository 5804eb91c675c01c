import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { memoryUse } from './memory-use';
import { readSystemFile } from './sensible-memory';

/** From this share on nothing is begun that takes much memory. */
const HIGH = 0.9;

const LOOK_PERIOD_MS = 500;

/** Whether memory is short: no version is loaded then, and connections are not kept open; what is served goes on. */
@Injectable()
export class MemoryPressure implements OnModuleDestroy {
  private high = false;
  private readonly looking: NodeJS.Timeout;

  constructor() {
    this.looking = setInterval(() => {
      this.high = memoryUse(readSystemFile) >= HIGH;
    }, LOOK_PERIOD_MS).unref();
  }

  get isHigh(): boolean {
    return this.high;
  }

  onModuleDestroy(): void {
    clearInterval(this.looking);
  }
}
