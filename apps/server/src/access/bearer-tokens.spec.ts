import { createHash } from 'node:crypto';
import { type HashedToken, type TokenRecord, TokenSnapshot } from '@understudy/store';
import { BearerTokens } from './bearer-tokens';

const ADMIN_TOKEN = 'the-first-administrators-token';
const TOKEN = `ust_0123456789abcdef_${'A'.repeat(43)}`;

const stored = (more: Partial<TokenRecord> = {}): HashedToken => ({
  record: {
    id: '0123456789abcdef',
    name: 'ci',
    scopes: ['predict'],
    createdAt: new Date(0),
    createdBy: 'ann',
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    ...more,
  },
  hash: createHash('sha256').update(TOKEN).digest('hex'),
});

/** Tokens, the time, and what was recorded as used; each can be changed as the test goes on. */
function set(first = stored(), adminToken: string | null = ADMIN_TOKEN) {
  const world = { snapshot: new TokenSnapshot([first]), nowMs: 1_000_000, used: [] as string[] };
  const source = {
    get snapshot() {
      return world.snapshot;
    },
    recordUse: (id: string) => {
      world.used.push(id);
    },
  };
  const bearer = new BearerTokens(source, adminToken ?? undefined, () => world.nowMs);
  const present = (...values: string[]) => {
    const [authorization] = values;
    const presented = bearer.presentedBy({
      headers: authorization === undefined ? {} : { authorization },
      rawHeaders: [
        'Host',
        'x',
        ...values.flatMap((value, index) => [index === 0 ? 'Authorization' : 'AUTHORIZATION', value]),
      ],
    });
    return presented.kind === 'caller' ? presented.caller.actor : presented.kind;
  };
  return { world, present };
}

it('knows the holder of a token, and of the one of the setting', () => {
  const { present } = set();
  expect([present(), present(`Bearer ${TOKEN}`), present(`Bearer ${ADMIN_TOKEN}`)]).toEqual([
    'nothing',
    'ci',
    'admin (UNDERSTUDY_ADMIN_TOKEN)',
  ]);
});

it('[case 132] takes no empty token, also where the setting has none', () => {
  const { present } = set(stored(), null);
  expect(['', 'Bearer', 'Bearer ', 'Bearer undefined', `Bearer ${ADMIN_TOKEN}`].map((value) => present(value))).toEqual(
    Array(5).fill('rejected'),
  );
});

it.each([
  ['another case of the scheme', `bearer ${TOKEN}`],
  ['the scheme in capitals', `BEARER ${TOKEN}`],
  ['a tab', `Bearer\t${TOKEN}`],
  ['two spaces', `Bearer  ${TOKEN}`],
  ['a space behind', `Bearer ${TOKEN} `],
  ['a list', `Bearer ${TOKEN}, Bearer ${TOKEN}`],
  ['a list without spaces', `Bearer ${TOKEN},${TOKEN}`],
  ['no scheme', TOKEN],
  ['another scheme', `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}`],
  ['8 KB', `Bearer ${'A'.repeat(8192)}`],
  ['a prefix', `Bearer ${TOKEN.slice(0, -1)}`],
  ['more than it', `Bearer ${TOKEN}A`],
])('[case 135] refuses a header with %s', (_name, header) => {
  expect(set().present(header)).toBe('rejected');
});

it('[case 135] refuses two headers, also where the first one was found good before', () => {
  const { present } = set();
  expect(present(`Bearer ${TOKEN}`)).toBe('ci');
  expect(present(`Bearer ${TOKEN}`, `Bearer ${TOKEN}`)).toBe('rejected');
});

describe('what is remembered of a good header', () => {
  it('[case 138] is void as soon as the tokens change', () => {
    const { world, present } = set();
    expect(present(`Bearer ${TOKEN}`)).toBe('ci');
    world.snapshot = new TokenSnapshot([stored({ revokedAt: new Date(world.nowMs) })]);
    expect(present(`Bearer ${TOKEN}`)).toBe('rejected');
  });

  it('ends with the token, to the millisecond', () => {
    const { world, present } = set(stored({ expiresAt: new Date(1_000_400) }));
    expect(present(`Bearer ${TOKEN}`)).toBe('ci');
    world.nowMs = 1_000_399;
    expect(present(`Bearer ${TOKEN}`)).toBe('ci');
    world.nowMs = 1_000_400;
    expect(present(`Bearer ${TOKEN}`)).toBe('rejected');
  });

  it('spares the hashes within a second, and records a use in each', () => {
    const { world, present } = set();
    for (const later of [0, 10, 999, 1_000, 1_500, 2_000]) {
      world.nowMs = 1_000_000 + later;
      present(`Bearer ${TOKEN}`);
    }
    expect(world.used).toHaveLength(3);
  });
});

it('decides the same from tokens that came from another process', () => {
  const snapshot = new TokenSnapshot(structuredClone(new TokenSnapshot([stored()]).tokens));
  expect(snapshot.verify(TOKEN, new Date())).toMatchObject({ ok: true, token: { name: 'ci' } });
  expect(snapshot.hasUsable(new Date())).toBe(true);
  expect(new TokenSnapshot([stored({ revokedAt: new Date() })]).hasUsable(new Date())).toBe(false);
});
