import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { Clock, RELEASE } from '@understudy/platform';

/** Who this replica is: another one at every start of the server. */
@Injectable()
export class ReplicaIdentity {
  readonly id = randomUUID();
  readonly host = hostname();
  readonly pid = process.pid;
  readonly release = RELEASE;
  readonly startedAt: Date;

  constructor(clock: Clock) {
    this.startedAt = clock.now();
  }
}
