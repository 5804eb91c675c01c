import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { Clock, RELEASE, ReplicaId } from '@understudy/platform';

/** Who this replica is: another one at every start of the server. */
@Injectable()
export class ReplicaIdentity {
  readonly id: string;
  readonly host = hostname();
  readonly pid = process.pid;
  readonly release = RELEASE;
  readonly startedAt: Date;

  constructor({ value }: ReplicaId, clock: Clock) {
    this.id = value;
    this.startedAt = clock.now();
  }
}
