import type { IncomingHttpHeaders } from 'node:http';
import type { RoutingHints } from '@understudy/canary';
import { DomainError } from '@understudy/platform';

/** What `X-Model-Slot` and `X-Canary-Key` ask for. Throws DomainError `invalid-header`. */
export function readRoutingHeaders(headers: IncomingHttpHeaders): RoutingHints {
  const slot = headers['x-model-slot'];
  const key = headers['x-canary-key'];
  if (slot !== undefined && slot !== 'current' && slot !== 'next') {
    throw new DomainError(
      'invalid-header',
      `X-Model-Slot: expected current or next, got ${JSON.stringify(String(slot).slice(0, 100))}`,
    );
  }
  return { forcedSlot: slot, canaryKey: typeof key === 'string' && key !== '' ? key : undefined };
}
