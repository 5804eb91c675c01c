import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** Names this start of the server among its replicas. */
@Injectable()
export class ReplicaId {
  readonly value: string = randomUUID();
}
