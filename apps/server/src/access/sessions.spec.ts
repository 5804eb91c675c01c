import { type TokenRecord, TokenSnapshot } from '@understudy/store';
import { IDLE_MS, SESSION_COOKIE, sessionKey, Sessions } from './sessions';

const ID = '0123456789abcdef';
const KEY = Buffer.alloc(32, 7);
const SESSION_MS = 8 * 60 * 60 * 1000;

const record: TokenRecord = {
  id: ID,
  name: 'ann',
  scopes: ['operate'],
  createdAt: new Date(0),
  createdBy: 'admin',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
};
const TOKENS = new TokenSnapshot([{ record, hash: 'ab'.repeat(32) }]);

const clock = { nowMs: 1_000_000 };
const sessionsWith = (key: Buffer) => new Sessions(key, SESSION_MS, () => clock.nowMs);
const headerOf = (setCookie: string): string => setCookie.split(';')[0] ?? '';

function signedIn(sessions = sessionsWith(KEY)) {
  clock.nowMs = 1_000_000;
  const session = sessions.begin(ID);
  return { sessions, session, cookie: headerOf(sessions.cookieOf(session, false)) };
}

it('stand for a token, on every replica with the same key', () => {
  const { cookie } = signedIn();
  expect(sessionsWith(KEY).read(`a=b; ${cookie}`, TOKENS)).toMatchObject({
    ok: true,
    caller: { actor: 'ann', tokenId: ID, scopes: ['operate'] },
  });
  expect(sessionsWith(Buffer.alloc(32, 8)).read(cookie, TOKENS)).toMatchObject({ ok: false });
  expect(sessionsWith(KEY).read('a=b', TOKENS)).toBeUndefined();
  expect(sessionsWith(KEY).read(undefined, TOKENS)).toBeUndefined();
});

it('[case 147] are in a cookie that no script reads and no other site sends', () => {
  const { sessions, session } = signedIn();
  expect(sessions.cookieOf(session, false)).toMatch(/; Max-Age=28800; Path=\/; HttpOnly; SameSite=Strict$/);
  expect(sessions.cookieOf(session, true)).toMatch(/; Secure/);
});

it('cannot be made or changed without the key', () => {
  const { sessions, session, cookie } = signedIn();
  const forged = Buffer.from(JSON.stringify({ ...session, tokenId: null })).toString('base64url');
  const [, signature = ''] = cookie.split('.');
  for (const value of [
    '',
    '.',
    'x.y',
    forged,
    `${forged}.`,
    `${forged}.${signature}`,
    `${cookie.split('=')[1] ?? ''}A`,
  ]) {
    expect(sessions.read(`${SESSION_COOKIE}=${value}`, TOKENS)).toMatchObject({ ok: false });
  }
});

it('[case 138] end with their token', () => {
  const { sessions, cookie } = signedIn();
  const revoked = new TokenSnapshot([{ record: { ...record, revokedAt: new Date() }, hash: 'ab'.repeat(32) }]);
  const expired = new TokenSnapshot([
    { record: { ...record, expiresAt: new Date(clock.nowMs) }, hash: 'ab'.repeat(32) },
  ]);
  for (const tokens of [revoked, expired, TokenSnapshot.empty]) {
    expect(sessions.read(cookie, tokens)).toEqual({
      ok: false,
      why: 'The token of this session was revoked or has expired; sign in',
    });
  }
});

it('end when they are not used, when they are old, and when somebody signs out', () => {
  const { sessions, session, cookie } = signedIn();
  const isOn = (header: string): boolean => sessions.read(header, TOKENS)?.ok === true;
  clock.nowMs += IDLE_MS - 1;
  expect(isOn(cookie)).toBe(true);
  const renewed = headerOf(sessions.cookieOf(sessions.renewed(session)!, false));
  clock.nowMs += 1;
  expect([isOn(cookie), isOn(renewed)]).toEqual([false, true]);
  expect(sessions.renewed({ ...session, usedMs: clock.nowMs })).toBeUndefined();
  clock.nowMs = 1_000_000 + SESSION_MS;
  expect(isOn(headerOf(sessions.cookieOf({ ...session, usedMs: clock.nowMs }, false)))).toBe(false);
  const again = signedIn(sessions);
  sessions.end(again.session);
  expect(isOn(again.cookie)).toBe(false);
});

it('have the same key wherever the setting is the same, and one that nobody knows where there is none', async () => {
  const [one, same, other] = await Promise.all(
    ['a', 'a', 'b'].map((token) => sessionKey(`${token}-token-of-an-admin`)),
  );
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
  expect(await sessionKey(undefined)).not.toEqual(await sessionKey(undefined));
});
