import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TokenSnapshot } from '@understudy/store';
import type { Presented } from './access-rule';

/** Where the tokens come from: {@link TokenVerifier} in the server, a snapshot that was handed over in a worker. */
export abstract class TokenSource {
  abstract readonly snapshot: TokenSnapshot;
  abstract recordUse(id: string): void;
}

/** How long a verdict stands without another look at the clock, and at most between two records of a use. */
const REMEMBERED_MS = 1_000;
/** More tokens than this at a time are verified anew each time, at some microseconds. */
const MAX_REMEMBERED = 1_024;

/** `ust_` and 16 + 1 + 43 characters, or the setting's own token of at most 512. */
const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/;

const NOTHING: Presented = { kind: 'nothing' };

interface Remembered {
  readonly presented: Presented;
  readonly snapshot: TokenSnapshot;
  readonly untilMs: number;
}

/**
 * Who sends a token. What a good Authorization header means is remembered by its text for a moment, which spares a prediction the two
 * hashes; a change of the tokens voids everything that is remembered. Bad ones are never remembered: they would cost memory.
 */
export class BearerTokens {
  private readonly remembered = new Map<string, Remembered>();
  private readonly adminHash: Buffer | undefined;

  constructor(
    private readonly source: TokenSource,
    adminToken: string | undefined,
    private readonly now: () => number = Date.now,
  ) {
    this.adminHash = adminToken === undefined ? undefined : sha256(adminToken);
  }

  /** Exactly one Authorization header of the form "Bearer <token>" counts: what two readers could read in two ways does not. */
  presentedBy({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): Presented {
    const { authorization } = headers;
    if (authorization === undefined) return NOTHING;
    // Node keeps the first of several.
    if (hasSeveral(rawHeaders)) return rejected('There is more than one Authorization header; send one');
    const known = this.remembered.get(authorization);
    const nowMs = this.now();
    if (known?.snapshot === this.source.snapshot && nowMs < known.untilMs) return known.presented;
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) return rejected('Authorization: expected "Bearer <token>"');
    return this.remember(authorization, this.verify(token), nowMs);
  }

  /** Who a token stands for, now. */
  verify(token: string): Presented {
    if (this.adminHash !== undefined && timingSafeEqual(sha256(token), this.adminHash)) {
      return { kind: 'caller', caller: ADMIN };
    }
    const verdict = this.source.snapshot.verify(token, new Date(this.now()));
    if (!verdict.ok) return rejected(`The token is ${verdict.why === 'unknown' ? 'not known here' : verdict.why}`);
    const { id, name, scopes } = verdict.token;
    this.source.recordUse(id);
    return { kind: 'caller', caller: { actor: name, tokenId: id, scopes } };
  }

  private remember(authorization: string, presented: Presented, nowMs: number): Presented {
    const { snapshot } = this.source;
    if (presented.kind !== 'caller') this.remembered.delete(authorization);
    else {
      if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
      const { tokenId } = presented.caller;
      const expiresAt = tokenId === null ? null : (snapshot.usable(tokenId, new Date(nowMs))?.expiresAt ?? null);
      const untilMs = Math.min(nowMs + REMEMBERED_MS, expiresAt?.getTime() ?? Infinity);
      this.remembered.set(authorization, { presented, snapshot, untilMs });
    }
    return presented;
  }
}

/** The holder of the token in UNDERSTUDY_ADMIN_TOKEN. */
export const ADMIN = { actor: 'admin (UNDERSTUDY_ADMIN_TOKEN)', tokenId: null, scopes: ['administer'] } as const;

function rejected(why: string): Presented {
  return { kind: 'rejected', why };
}

function hasSeveral(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 13 && name.toLowerCase() === 'authorization') count++;
  }
  return count > 1;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
