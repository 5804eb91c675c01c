import { Injectable } from '@nestjs/common';

/** Whether the server is about to stop: it is then not ready, and asks clients to reconnect elsewhere. */
@Injectable()
export class Drain {
  private draining = false;

  get isDraining(): boolean {
    return this.draining;
  }

  begin(): void {
    this.draining = true;
  }
}
