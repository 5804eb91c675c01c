import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, SystemClock } from '@understudy/platform';
import type { NewToken, Store } from '@understudy/store';
import { onBothKinds, onPostgres, ORIGIN, TestDatabases } from './support/databases';
import { selectSql } from './support/sql';

const NEW: NewToken = { name: 'ci', scopes: ['predict', 'view'], expiresAt: null };

/** Waits for what comes by itself; the test's own limit ends it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5);
}

const isAccepted = (store: Store, token: string): boolean => store.verifier.verify(token).ok;

onBothKinds('the tokens', (kind) => {
  const databases = new TestDatabases(kind);

  afterAll(() => databases.end());

  it('are shown once, named, scoped, recorded, and verified also after a restart', async () => {
    const place = await databases.fresh();
    const store = await databases.open(place);
    expect(store.verifier.snapshot.hasUsable(new Date())).toBe(false);
    const { token, record } = await store.tokens.create(NEW, ORIGIN);
    expect(token).toMatch(/^ust_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
    await until(() => isAccepted(store, token));
    expect(store.verifier.verify(token)).toEqual({ ok: true, token: record });
    expect(await store.tokens.list()).toEqual([
      {
        id: record.id,
        name: 'ci',
        scopes: ['predict', 'view'],
        createdAt: expect.any(Date),
        createdBy: 'ann',
        expiresAt: null,
        revokedAt: null,
        lastUsedAt: null,
      },
    ]);
    expect((await store.audit.page({}, 1)).events[0]).toMatchObject({
      action: 'create-token',
      subject: `token:${record.id}`,
      outcome: 'done',
      after: { name: 'ci', scopes: ['predict', 'view'] },
    });
    await store.close();
    expect(isAccepted(await databases.open(place), token)).toBe(true);
  });

  it('[case 139] are nowhere in the database, only their hashes are', async () => {
    const place = await databases.fresh();
    const store = await databases.open(place);
    const { token } = await store.tokens.create(NEW, ORIGIN);
    await until(() => isAccepted(store, token));
    await store.close();
    const secret = token.split('_').slice(2).join('_');
    for (const table of ['tokens', 'audit', 'head', 'idempotency']) {
      expect(JSON.stringify(await selectSql(place, `SELECT * FROM understudy_${table}`))).not.toContain(secret);
    }
  });

  it('refuse what is no token, another one, and one with a changed letter', async () => {
    const store = await databases.open(await databases.fresh());
    const { token } = await store.tokens.create(NEW, ORIGIN);
    await until(() => isAccepted(store, token));
    const changed = token.replace(/.$/, (letter) => (letter === 'A' ? 'B' : 'A'));
    for (const wrong of [
      '',
      ' ',
      'x',
      token.slice(0, -1),
      `${token} `,
      `${token}A`,
      changed,
      token.toUpperCase(),
      '\ud800',
    ]) {
      expect(store.verifier.verify(wrong)).toEqual({ ok: false, why: 'unknown' });
    }
  });

  it('expire by the wall clock of the replica that is asked', async () => {
    let now = new Date('2026-03-01T00:00:00Z');
    const clock = Object.assign(new SystemClock(), { now: () => now }) satisfies Clock;
    const store = await databases.open(await databases.fresh(), clock);
    const { token } = await store.tokens.create({ ...NEW, expiresAt: new Date('2026-03-02T00:00:00Z') }, ORIGIN);
    await until(() => isAccepted(store, token));
    now = new Date('2026-03-01T23:59:59.999Z');
    expect(isAccepted(store, token)).toBe(true);
    now = new Date('2026-03-02T00:00:00Z');
    expect(store.verifier.verify(token)).toEqual({ ok: false, why: 'expired' });
  });

  it('[case 138] are refused within a second of being revoked; once more changes nothing; an unknown one is said', async () => {
    const store = await databases.open(await databases.fresh());
    const { token, record } = await store.tokens.create(NEW, ORIGIN);
    await until(() => isAccepted(store, token));
    const revoked = await store.tokens.revoke(record.id, ORIGIN);
    await sleep(1_000);
    expect(store.verifier.verify(token)).toEqual({ ok: false, why: 'revoked' });
    expect(await store.tokens.revoke(record.id, ORIGIN)).toEqual(revoked);
    await expect(store.tokens.revoke('nobody', ORIGIN)).rejects.toMatchObject({ code: 'token-not-found' });
    const { events } = await store.audit.page({}, 10);
    expect(events.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['revoke-token', 'refused'],
      ['revoke-token', 'done'],
      ['revoke-token', 'done'],
      ['create-token', 'done'],
    ]);
  });

  it('remember when they were last used, and never go back', async () => {
    const place = await databases.fresh();
    const store = await databases.open(place);
    const { token, record } = await store.tokens.create(NEW, ORIGIN);
    await until(() => isAccepted(store, token));
    const later = new Date(Date.now() + 60_000);
    await store.close();
    const again = await databases.open(place);
    const usedAt = (await again.tokens.list())[0]!.lastUsedAt!;
    expect(Date.now() - usedAt.getTime()).toBeLessThan(60_000);
    await again.tokens.recordUses(
      new Map([
        [record.id, later],
        ['nobody', later],
      ]),
    );
    await again.tokens.recordUses(new Map([[record.id, usedAt]]));
    expect((await again.tokens.list())[0]!.lastUsedAt).toEqual(later);
  });
});

onPostgres('the tokens of two replicas', () => {
  const databases = new TestDatabases('postgres');

  afterAll(() => databases.end());

  it('[case 138] a token revoked on one is refused by the other within a second', async () => {
    const place = await databases.fresh();
    const [one, two] = [await databases.open(place), await databases.open(place)];
    const { token, record } = await one.tokens.create(NEW, ORIGIN);
    await until(() => isAccepted(two, token));
    await one.tokens.revoke(record.id, ORIGIN);
    await sleep(1_000);
    expect(two.verifier.verify(token)).toEqual({ ok: false, why: 'revoked' });
  });
});
