import { generateToken, type HashedToken, verifyToken } from './token';

const NOW = new Date('2026-03-01T00:00:00Z');

function newToken(): { token: string; tokens: Map<string, HashedToken> } {
  const { id, token, hash } = generateToken();
  const record = {
    id,
    name: 'ci',
    scopes: ['predict'] as const,
    createdAt: NOW,
    createdBy: 'ann',
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
  };
  return { token, tokens: new Map([[id, { record, hash }]]) };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

it('gives out tokens that differ in every part', () => {
  const tokens = Array.from({ length: 100 }, () => generateToken());
  for (const key of ['id', 'token', 'hash'] as const) expect(new Set(tokens.map((token) => token[key])).size).toBe(100);
});

it('answers with the record, which holds no hash', () => {
  const { token, tokens } = newToken();
  const verdict = verifyToken(token, tokens, NOW);
  expect(verdict).toMatchObject({ ok: true, token: { name: 'ci' } });
  expect(JSON.stringify(verdict)).not.toContain([...tokens.values()][0]!.hash);
});

it('[case 136] takes as long for a right beginning as for a wrong one, and for an unknown id', () => {
  const { token, tokens } = newToken();
  const letters = (text: string, keep: number): string =>
    text.slice(0, keep) + text.slice(keep).replace(/[A-Za-z0-9]/g, (letter) => (letter === 'x' ? 'y' : 'x'));
  const guesses = {
    allButTheLast: letters(token, token.length - 1),
    onlyTheId: letters(token, 21),
    unknownId: token.replace(/^ust_[0-9a-f]{16}/, `ust_${'0'.repeat(16)}`),
  };
  const times: Record<string, number[]> = { allButTheLast: [], onlyTheId: [], unknownId: [] };
  // In turns, so that a slow moment of the machine falls on all of them.
  for (let round = 0; round < 20_000; round++) {
    for (const [name, guess] of Object.entries(guesses)) {
      const startedNs = process.hrtime.bigint();
      verifyToken(guess, tokens, NOW);
      times[name]!.push(Number(process.hrtime.bigint() - startedNs));
    }
  }
  const [one, two, three] = Object.values(times).map(median);
  const longest = Math.max(one!, two!, three!);
  const shortest = Math.min(one!, two!, three!);
  expect(longest / shortest).toBeLessThan(1.5);
});
