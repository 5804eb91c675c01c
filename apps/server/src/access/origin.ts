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

/** The same for an attempt that was refused: a reason that is too long is cut, for it is no longer what the attempt is refused for. */
export function refusedOriginOf(request: AccessedRequest): Origin {
  const { text } = saidReason(request);
  return { ...senderOf(request), reason: text.slice(0, MAX_REASON_LENGTH) || null };
}

function reasonOf(request: AccessedRequest): string | null {
  const { text, member } = saidReason(request);
  if (text.length > MAX_REASON_LENGTH) {
    throw new DomainError(
      member ? 'invalid-body' : 'invalid-header',
      `The reason has ${text.length} characters; expected at most ${MAX_REASON_LENGTH}`,
    );
  }
  return text || null;
}

/** Empty where nothing was said; `member`: whether the body says it. */
function saidReason({ body, headers }: AccessedRequest): { readonly text: string; readonly member: boolean } {
  const inBody = typeof body === 'object' && body !== null && 'reason' in body ? body.reason : undefined;
  if (typeof inBody === 'string') return { text: inBody.trim(), member: true };
  const header = headers['x-change-reason'];
  return { text: typeof header === 'string' ? decoded(header).trim() : '', member: false };
}

function decoded(header: string): string {
  // HTTP hands headers over as Latin-1; clients send UTF-8.
  const text = Buffer.from(header, 'latin1').toString('utf8');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
