import { createHmac, hkdfSync, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { TokenSnapshot } from '@understudy/store';
import { ADMIN } from './bearer-tokens';
import type { Caller } from './access-rule';

export const SESSION_COOKIE = 'understudy_session';

/** A session ends so long after it was last used, however long it may last. */
export const IDLE_MS = 60 * 60 * 1000;
/** The cookie says to the minute when the session was last used. */
const RENEW_MS = 60 * 1000;

/** As large as sessions that were signed out are remembered; what is beyond is as old as can be. */
const MAX_ENDED = 10_000;

/** What the cookie holds, signed: nothing that is secret by itself. */
export interface Session {
  readonly id: string;
  /** Null for who signed in with the token of the setting. */
  readonly tokenId: string | null;
  readonly startedMs: number;
  readonly usedMs: number;
}

export type SessionVerdict =
  | { readonly ok: true; readonly session: Session; readonly caller: Caller }
  | { readonly ok: false; readonly why: string };

const NO_SESSION: SessionVerdict = { ok: false, why: 'There is no such session, or it has ended; sign in' };

/**
 * Sessions of browsers as signed cookies: any replica with the same key knows them, none has to keep them. They stand for a token,
 * by its id, and end with it.
 */
export class Sessions {
  /** Signed out here, by id, with when they would have ended. */
  private readonly ended = new Map<string, number>();

  constructor(
    private readonly key: Buffer,
    /** A session ends so long after its sign-in. */
    private readonly sessionMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  begin(tokenId: string | null): Session {
    const nowMs = this.now();
    return { id: randomBytes(16).toString('base64url'), tokenId, startedMs: nowMs, usedMs: nowMs };
  }

  /** The session of a Cookie header; undefined where it has none. */
  read(cookieHeader: string | undefined, tokens: TokenSnapshot): SessionVerdict | undefined {
    if (cookieHeader?.includes(SESSION_COOKIE) !== true) return undefined;
    const cookie = parseCookie(cookieHeader)[SESSION_COOKIE];
    if (cookie === undefined) return undefined;
    const session = this.open(cookie);
    const nowMs = this.now();
    if (session === undefined || this.ended.has(session.id) || this.endOf(session) <= nowMs) return NO_SESSION;
    if (session.tokenId === null) return { ok: true, session, caller: ADMIN };
    const token = tokens.usable(session.tokenId, new Date(nowMs));
    if (token === undefined) return { ok: false, why: 'The token of this session was revoked or has expired; sign in' };
    return { ok: true, session, caller: { actor: token.name, tokenId: token.id, scopes: token.scopes } };
  }

  /** The session as used now, where its cookie should say so. */
  renewed(session: Session): Session | undefined {
    const nowMs = this.now();
    return nowMs - session.usedMs < RENEW_MS ? undefined : { ...session, usedMs: nowMs };
  }

  /** From now on this server refuses it; the others know a copy of its cookie until it ends by itself. */
  end(session: Session): void {
    const nowMs = this.now();
    for (const [id, endMs] of this.ended) if (endMs <= nowMs || this.ended.size >= MAX_ENDED) this.ended.delete(id);
    this.ended.set(session.id, this.latestEndOf(session));
  }

  /** The header Set-Cookie that gives a browser this session. */
  cookieOf(session: Session, secure: boolean): string {
    const payload = Buffer.from(JSON.stringify(session)).toString('base64url');
    const maxAge = Math.ceil((this.latestEndOf(session) - this.now()) / 1000);
    return setCookie(`${payload}.${this.sign(payload).toString('base64url')}`, maxAge, secure);
  }

  /** When a session ends however much it is used. */
  latestEndOf({ startedMs }: Session): number {
    return startedMs + this.sessionMs;
  }

  /** When it ends if it is not used before. */
  private endOf(session: Session): number {
    return Math.min(this.latestEndOf(session), session.usedMs + IDLE_MS);
  }

  private open(cookie: string): Session | undefined {
    const [payload = '', signature = ''] = cookie.split('.');
    const given = Buffer.from(signature, 'base64url');
    const expected = this.sign(payload);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Session;
  }

  private sign(payload: string): Buffer {
    return createHmac('sha256', this.key).update(payload).digest();
  }
}

/** The header Set-Cookie that takes a browser's session away. */
export function forgetCookie(secure: boolean): string {
  return setCookie('', 0, secure);
}

/**
 * The key of all sessions: made from the token in UNDERSTUDY_ADMIN_TOKEN, which replicas share, so that a session is known at each of
 * them; random where there is none. Made slowly, because a cookie in hand allows guesses at what it was made from.
 */
export async function sessionKey(adminToken: string | undefined): Promise<Buffer> {
  if (adminToken === undefined) return randomBytes(32);
  const slow = await promisify<string, string, number, Buffer>(scrypt)(adminToken, 'understudy sessions', 32);
  return Buffer.from(hkdfSync('sha256', slow, '', 'understudy session cookie', 32));
}

function setCookie(value: string, maxAge: number, secure: boolean): string {
  return stringifySetCookie(SESSION_COOKIE, value, { httpOnly: true, sameSite: 'strict', path: '/', maxAge, secure });
}
