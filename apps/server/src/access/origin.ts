import type { IncomingMessage } from 'node:http';
import { DomainError } from '@understudy/platform';
import type { Origin } from '@understudy/store';
import { requestIdOf } from '../http/request-id';
import { clientAddressOf } from '../workers/client-address';
import type { Caller, Presented } from './access-rule';

/** What the doors write on a request once they know who sends it. */
export interface AccessedRequest extends IncomingMessage {
  /** Who asks; absent where nobody who counts does. */
  understudyActor?: Caller | undefined;
  understudyPresented?: Presented;
  /** From where, as {@link sourceAddress} has it. */
  understudyAddress?: string | undefined;
  readonly body?: unknown;
}

const MAX_REASON_LENGTH = 500;

/**
 * Who asks for a change, from where and why, for the audit trail. The reason is the body's member `reason` or the header
 * X-Change-Reason (percent-encoded where it is not ASCII). Throws DomainError `invalid-header` or `invalid-body` for one that is too
 * long.
 */
export function originOf(request: AccessedRequest): Origin {
  return { ...senderOf(request), reason: reasonOf(request) };
}

/** The same without a reason, for what never came to be read. */
export function senderOf(request: AccessedRequest): Origin {
  const { understudyActor, understudyAddress } = request;
  return {
    actor: understudyActor?.actor ?? 'unauthenticated',
    tokenId: understudyActor?.tokenId ?? null,
    address: understudyAddress ?? clientAddressOf(request) ?? null,
    requestId: requestIdOf(request),
    reason: null,
  };
}

function reasonOf({ body, headers }: AccessedRequest): string | null {
  const inBody = typeof body === 'object' && body !== null && 'reason' in body ? body.reason : undefined;
  const header = headers['x-change-reason'];
  const reason = typeof inBody === 'string' ? inBody : typeof header === 'string' ? decoded(header) : '';
  if (reason.length > MAX_REASON_LENGTH) {
    throw new DomainError(
      typeof inBody === 'string' ? 'invalid-body' : 'invalid-header',
      `The reason has ${reason.length} characters; expected at most ${MAX_REASON_LENGTH}`,
    );
  }
  return reason.trim() === '' ? null : reason.trim();
}

function decoded(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}
