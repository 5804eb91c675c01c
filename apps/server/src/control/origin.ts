import type { IncomingMessage } from 'node:http';
import type { Origin } from '@understudy/store';
import { requestIdOf } from '../http/request-id';

/** Who stands for everybody where nobody is asked for a token. */
const ANONYMOUS: Actor = { actor: 'anonymous', tokenId: null };

interface Actor {
  readonly actor: string;
  readonly tokenId: string | null;
}

/** Whom the access rules have found out; set on the request before it gets to a controller. */
export type WithActor = IncomingMessage & { understudyActor?: Actor };

/** Who asks, from where, and why. */
export function originOf(request: WithActor, reason: string | null): Origin {
  const { actor, tokenId } = request.understudyActor ?? ANONYMOUS;
  return { actor, tokenId, address: request.socket.remoteAddress ?? null, requestId: requestIdOf(request), reason };
}
