import type { AuditEntry, DatabasePlace, Store } from '@understudy/store';
import { desired, onBothKinds, ORIGIN, TestDatabases } from './support/databases';
import { runSql, selectSql } from './support/sql';

const entry = (number: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  origin: { ...ORIGIN, requestId: `request-${number}` },
  action: 'promote',
  subject: 'deployment:default',
  before: { generation: number },
  after: { generation: number + 1, nested: [null, true, 0.1, 'é"\n'] },
  outcome: 'failed',
  problem: { code: 'next-not-ready', detail: 'next is empty' },
  ...more,
});

onBothKinds('the audit trail', (kind) => {
  const databases = new TestDatabases(kind);
  const guards =
    kind === 'embedded'
      ? ['DROP TRIGGER understudy_audit_no_update', 'DROP TRIGGER understudy_audit_no_delete']
      : ['ALTER TABLE understudy_audit DISABLE TRIGGER USER'];

  afterAll(() => databases.end());

  /** A store with ten entries, closed and ready to be tampered with. */
  async function tenEntries(): Promise<{ place: DatabasePlace; head: { sequence: number; hash: string } }> {
    const place = await databases.fresh();
    const store = await databases.open(place);
    for (let number = 1; number <= 10; number++) await store.audit.record(entry(number));
    const verdict = await store.audit.verify();
    await store.close();
    if (!verdict.ok) throw new Error(verdict.problem);
    return { place, head: verdict.head };
  }

  it('[case 160] gives back who, from where, when, why, before, after, outcome and request id', async () => {
    const store = await databases.open(await databases.fresh());
    await store.audit.record(entry(1));
    await store.deployments.change({
      name: 'default',
      expectedGeneration: null,
      desired: desired(1),
      action: 'create',
      origin: ORIGIN,
    });
    const { events, nextBefore } = await store.audit.page({}, 10);
    expect(nextBefore).toBeNull();
    expect(events[1]).toEqual({
      ...entry(1),
      sequence: 1,
      id: expect.any(String),
      at: expect.any(Date),
      hash: expect.any(String),
    });
    expect(events[0]).toMatchObject({
      sequence: 2,
      action: 'create',
      outcome: 'done',
      before: null,
      after: { generation: 1, current: { uri: 'models:/iris/1' } },
    });
  });

  it('gives pages, newest first, without gaps or repetitions, and filters', async () => {
    const store = await databases.open(await databases.fresh());
    for (let number = 1; number <= 7; number++) {
      await store.audit.record(entry(number, number % 2 === 0 ? { action: 'roll-back', subject: 'deployment:b' } : {}));
    }
    const seen: number[] = [];
    for (let before: number | undefined; ;) {
      const page = await store.audit.page({}, 3, before);
      seen.push(...page.events.map(({ sequence }) => sequence));
      if (page.nextBefore === null) break;
      before = page.nextBefore;
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
    const sequences = async (filter: Parameters<Store['audit']['page']>[0]) =>
      (await store.audit.page(filter, 100)).events.map(({ sequence }) => sequence);
    expect(await sequences({ action: 'roll-back' })).toEqual([6, 4, 2]);
    expect(await sequences({ subject: 'deployment:b', requestId: 'request-4' })).toEqual([4]);
    expect(await sequences({ actor: `ann' OR 1=1 --` })).toEqual([]);
    const { at } = (await store.audit.page({ requestId: 'request-4' }, 1)).events[0]!;
    expect(await sequences({ from: at })).toContain(4);
    expect(await sequences({ to: at })).not.toContain(4);
    expect(await sequences({ from: new Date(at.getTime() + 60_000) })).toEqual([]);
  });

  it('is exported as JSON Lines, oldest first, over many batches', async () => {
    const store = await databases.open(await databases.fresh());
    await Promise.all(Array.from({ length: 450 }, (_, number) => store.audit.record(entry(number))));
    const lines: string[] = [];
    for await (const line of store.audit.exportJsonLines({})) lines.push(line);
    expect(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true);
    const events = lines.map((line) => JSON.parse(line) as { sequence: number; at: string });
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 450 }, (_, number) => number + 1));
    expect(events[0]!.at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(await store.audit.verify()).toMatchObject({ ok: true, head: { sequence: 450 } });
  });

  it('[case 47] [case 49] [case 152] takes hostile texts without breaking the chain', async () => {
    const store = await databases.open(await databases.fresh());
    for (const text of [
      'a\0b',
      '\ud800',
      '\u202e',
      '\r\n{"fake":1}',
      `');DELETE FROM understudy_audit`,
      'x'.repeat(100_000),
    ]) {
      await store.audit.record(entry(1, { origin: { ...ORIGIN, reason: text, actor: text }, after: { text } }));
    }
    expect(await store.audit.verify()).toMatchObject({ ok: true, head: { sequence: 6 } });
    const { events } = await store.audit.page({}, 10);
    expect(events.map(({ origin }) => origin.reason)).toEqual([
      'x'.repeat(4096),
      `');DELETE FROM understudy_audit`,
      '\r\n{"fake":1}',
      '\u202e',
      '\ufffd',
      'a\ufffdb',
    ]);
  });

  it('[case 158] cannot be changed or emptied by a statement that forgets what it is', async () => {
    const { place } = await tenEntries();
    const statements = ['UPDATE understudy_audit SET actor = NULL', 'DELETE FROM understudy_audit'];
    if (kind === 'postgres') statements.push('TRUNCATE understudy_audit');
    for (const statement of statements) await expect(runSql(place, [statement])).rejects.toThrow('append-only');
  });

  it.each([
    ['a changed actor', `UPDATE understudy_audit SET actor = 'bob' WHERE sequence = 4`, 4],
    ['a changed time', `UPDATE understudy_audit SET at = '2020-01-01T00:00:00.000Z' WHERE sequence = 1`, 1],
    ['a changed state', `UPDATE understudy_audit SET after_state = NULL WHERE sequence = 10`, 10],
    ['a removed row', 'DELETE FROM understudy_audit WHERE sequence = 5', 5],
    ['the first row removed', 'DELETE FROM understudy_audit WHERE sequence = 1', 1],
    ['the last rows cut off', 'DELETE FROM understudy_audit WHERE sequence > 8', 9],
    ['all rows removed', 'DELETE FROM understudy_audit', 1],
    [
      'two rows that changed places',
      `UPDATE understudy_audit SET sequence = 99 WHERE sequence = 3;
       UPDATE understudy_audit SET sequence = 3 WHERE sequence = 6;
       UPDATE understudy_audit SET sequence = 6 WHERE sequence = 99`,
      3,
    ],
    [
      'a row moved to close a gap',
      `DELETE FROM understudy_audit WHERE sequence = 9; UPDATE understudy_audit SET sequence = 9 WHERE sequence = 10`,
      9,
    ],
    [
      'a doubled row',
      `INSERT INTO understudy_audit SELECT 11, 'x', at, actor, token_id, address, action, subject, reason, before_state,
         after_state, outcome, problem, request_id, hash FROM understudy_audit WHERE sequence = 10;
       UPDATE understudy_head SET sequence = 11`,
      11,
    ],
  ])('[case 159] is found out by its verification: %s', async (_, tampering, sequence) => {
    const { place } = await tenEntries();
    await runSql(place, [...guards, ...tampering.split(';')]);
    const store = await databases.open(place);
    expect(await store.audit.verify()).toEqual({ ok: false, sequence, problem: expect.any(String) });
  });

  it('[case 159] is found out by a head that was kept elsewhere, where the end was cut off and the head set back', async () => {
    const { place, head } = await tenEntries();
    const [row] = await selectSql(place, 'SELECT hash FROM understudy_audit WHERE sequence = 8');
    await runSql(place, [
      ...guards,
      'DELETE FROM understudy_audit WHERE sequence > 8',
      `UPDATE understudy_head SET sequence = 8, hash = '${String(row!['hash'])}'`,
    ]);
    const store = await databases.open(place);
    expect(await store.audit.verify()).toMatchObject({ ok: true, head: { sequence: 8 } });
    expect(await store.audit.verify(head)).toMatchObject({ ok: false, sequence: 9 });
  });

  it('[case 119] keeps its order when the clock goes back', async () => {
    const times = ['2026-03-02T00:00:00Z', '2026-03-01T00:00:00Z', '2026-03-03T00:00:00Z'].map(
      (text) => new Date(text),
    );
    let calls = 0;
    const clock = Object.freeze({
      now: () => times[calls++ % times.length] as Date,
      monotonicMs: () => performance.now(),
      sleep: () => new Promise<void>((_, reject) => setTimeout(reject, 50)),
    });
    const store = await databases.open(await databases.fresh(), clock);
    for (let number = 1; number <= 3; number++) await store.audit.record(entry(number));
    const { events } = await store.audit.page({}, 10);
    expect(events.map(({ origin }) => origin.requestId)).toEqual(['request-3', 'request-2', 'request-1']);
    expect(await store.audit.verify()).toMatchObject({ ok: true });
  });
});
