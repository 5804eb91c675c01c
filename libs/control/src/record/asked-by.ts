import type { LogFields } from '@understudy/platform';
import type { Origin } from '@understudy/store';

/** Who asked for a change, from where and why, as the log tells it: the log alone has to say who changed what. */
export const askedBy = ({ actor, tokenId, address, reason, requestId }: Origin): LogFields => ({
  actor,
  tokenId,
  address,
  reason,
  requestId,
});
