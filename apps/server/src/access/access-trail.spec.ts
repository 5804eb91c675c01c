import { type Clock, Logger, SystemClock } from '@understudy/platform';
import type { AuditEntry, AuditTrail } from '@understudy/store';
import { AccessTrail } from './access-trail';

const entryFrom = (address: string): AuditEntry => ({
  origin: { actor: 'unauthenticated', tokenId: null, address, requestId: 'r', reason: null },
  action: 'ask',
  subject: 'route:POST /rollback',
  before: null,
  after: null,
  outcome: 'refused',
  problem: { code: 'unauthenticated', detail: 'no token' },
});

function set(failing = false) {
  const time = { nowMs: 0 };
  const clock = Object.assign(new SystemClock(), { monotonicMs: () => time.nowMs }) satisfies Clock;
  const written: AuditEntry[] = [];
  const audit = {
    record: async (entry: AuditEntry) => {
      if (failing) throw new Error('the database is away');
      written.push(entry);
    },
  } as unknown as AuditTrail;
  return { time, written, trail: new AccessTrail(audit, clock, Logger.silent()) };
}

describe('a flood of refused attempts', () => {
  it('leaves ten entries of one source, and its number in the next', async () => {
    const { time, written, trail } = set();
    for (let time = 0; time < 5_000; time++) trail.record(entryFrom('192.0.2.1'));
    await trail.onModuleDestroy();
    expect(written).toHaveLength(10);
    time.nowMs = 60_000;
    trail.record(entryFrom('192.0.2.1'));
    await trail.onModuleDestroy();
    expect(written.at(-1)?.after).toEqual({ refusedAttemptsNotRecorded: 4_990 });
  });

  it('leaves room for others, and a hundred entries of all', async () => {
    const { written, trail } = set();
    for (let source = 0; source < 200; source++)
      for (let time = 0; time < 20; time++) trail.record(entryFrom(`192.0.2.${source}`));
    await trail.onModuleDestroy();
    expect(written).toHaveLength(100);
    expect(new Set(written.map(({ origin }) => origin.address)).size).toBe(10);
  });

  it('hides no sign-in, and sign-ins are bounded by themselves', async () => {
    const { time, written, trail } = set();
    const signIn: AuditEntry = { ...entryFrom('192.0.2.1'), action: 'sign-in', outcome: 'done', problem: null };
    for (let time = 0; time < 50; time++) trail.record(entryFrom('192.0.2.1'));
    for (let time = 0; time < 15; time++) trail.record(signIn);
    await trail.onModuleDestroy();
    expect(written.slice(10).map(({ action, after }) => [action, after])).toEqual(Array(10).fill(['sign-in', null]));
    time.nowMs = 60_000;
    trail.record(signIn);
    trail.record(entryFrom('192.0.2.1'));
    await trail.onModuleDestroy();
    expect(written.slice(20).map(({ after }) => after)).toEqual([
      { signInsNotRecorded: 5 },
      { refusedAttemptsNotRecorded: 40 },
    ]);
  });

  it('does no harm where the database is away', async () => {
    const { written, trail } = set(true);
    trail.record(entryFrom('192.0.2.1'));
    await trail.onModuleDestroy();
    expect(written).toEqual([]);
  });
});
