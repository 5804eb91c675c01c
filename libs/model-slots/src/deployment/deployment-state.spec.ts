import fc from 'fast-check';
import { type Change, decide, type Decision, type DeploymentState, EMPTY_STATE, type Facts } from './deployment-state';
import type { VersionRef } from './version-ref';

const version = (number: number): VersionRef => ({
  requestedUri: `models:/iris/${number}`,
  uri: `models:/iris/${number}`,
  name: 'iris',
  version: String(number),
  digest: `digest-${number}`,
});

const READY: Facts = { nextIsReady: true, loading: null, previousIsHeld: true };

const state = (more: Partial<DeploymentState> = {}): DeploymentState => ({
  generation: 7,
  current: version(1),
  next: version(2),
  previous: null,
  canaryProbability: 0.9,
  settings: {},
  ...more,
});

describe('deciding a change', () => {
  it('fills both empty slots with the first version', () => {
    expect(decide(EMPTY_STATE, { kind: 'fill', version: version(1) }, READY)).toEqual({
      ok: true,
      changed: true,
      state: {
        generation: 1,
        current: version(1),
        next: version(1),
        previous: null,
        canaryProbability: 1,
        settings: {},
      },
    });
  });

  it('does not overwrite with the first version what somebody loaded meanwhile', () => {
    const decision = decide(state({ current: null }), { kind: 'fill', version: version(1) }, READY);
    expect(decision).toMatchObject({ state: { current: version(1), next: version(2) } });
  });

  it('promotes next, keeps what current was, and leaves the split', () => {
    expect(decide(state(), { kind: 'promote' }, READY)).toEqual({
      ok: true,
      changed: true,
      state: {
        generation: 8,
        current: version(2),
        next: version(2),
        previous: version(1),
        canaryProbability: 0.9,
        settings: {},
      },
    });
  });

  it('does not lose the version to go back to when a promotion is asked for twice', () => {
    const promoted = state({ current: version(2), previous: version(1) });
    expect(decide(promoted, { kind: 'promote' }, READY)).toEqual({ ok: true, changed: false, state: promoted });
  });

  it('rolls back by changing current and previous, and gives current everything', () => {
    const promoted = state({ current: version(2), previous: version(1), canaryProbability: 0, settings: {} });
    expect(decide(promoted, { kind: 'roll-back' }, READY)).toEqual({
      ok: true,
      changed: true,
      state: {
        generation: 8,
        current: version(1),
        next: version(2),
        previous: version(2),
        canaryProbability: 1,
        settings: {},
      },
    });
  });

  it('empties next', () => {
    const decision = decide(state({ canaryProbability: 1 }), { kind: 'unload-next' }, READY);
    expect(decision).toMatchObject({ changed: true, state: { generation: 8, current: version(1), next: null } });
  });

  it('replaces everything at once, and keeps what current was', () => {
    const wanted = { current: version(3), next: null, canaryProbability: 1, settings: { threads: 2 } };
    expect(decide(state({ previous: version(9) }), { kind: 'replace', wanted }, READY)).toEqual({
      ok: true,
      changed: true,
      state: { generation: 8, previous: version(1), ...wanted },
    });
  });

  it('does not lose the version to go back to when the same current is wanted again', () => {
    const wanted = { current: version(1), next: version(3), canaryProbability: 1, settings: {} };
    const decision = decide(state({ previous: version(9) }), { kind: 'replace', wanted }, READY);
    expect(decision).toMatchObject({ state: { previous: version(9), next: version(3) } });
  });

  it('restores an earlier state as it was, as a new generation; the state that it is in is no change', () => {
    const { generation: _, ...wanted } = state({ previous: version(9), canaryProbability: 0.2 });
    const restored = decide(state(), { kind: 'restore', wanted }, READY);
    expect(restored).toMatchObject({ changed: true, state: { generation: 8, ...wanted } });
    expect(decide(state(wanted), { kind: 'restore', wanted }, READY)).toMatchObject({ changed: false });
  });

  it('does not count a split that is the split already', () => {
    expect(decide(state(), { kind: 'set-split', canaryProbability: 0.9 }, READY)).toMatchObject({ changed: false });
  });

  it.each<[string, DeploymentState, Change, Facts, Decision]>([
    [
      '[case 94] a promotion of an empty next',
      state({ next: null }),
      { kind: 'promote' },
      { ...READY, nextIsReady: false },
      { ok: false, code: 'next-not-ready', why: 'next is empty; load a version into it first' },
    ],
    [
      '[case 94] a promotion of a next whose runner is down',
      state(),
      { kind: 'promote' },
      { ...READY, nextIsReady: false },
      { ok: false, code: 'next-not-ready', why: 'next (models:/iris/2) cannot answer now, so current stays' },
    ],
    [
      '[case 94] a promotion while a version is being loaded into next',
      state(),
      { kind: 'promote' },
      { ...READY, loading: 'models:/iris/3' },
      {
        ok: false,
        code: 'change-conflict',
        why: 'models:/iris/3 is being loaded into next; promote it once it is there, so that it is clear what is promoted',
      },
    ],
    [
      'emptying a next that answers requests',
      state(),
      { kind: 'unload-next' },
      READY,
      {
        ok: false,
        code: 'next-in-use',
        why: 'next (models:/iris/2) answers a share of the requests; set the canary probability to 1 first',
      },
    ],
    [
      'emptying a next that is being loaded',
      state(),
      { kind: 'unload-next' },
      { ...READY, loading: 'models:/iris/3' },
      {
        ok: false,
        code: 'change-conflict',
        why: 'models:/iris/3 is being loaded into next; cancel that, or wait until it is there',
      },
    ],
    [
      'a rollback to a version that is not in memory yet',
      state({ previous: version(9) }),
      { kind: 'roll-back' },
      { ...READY, previousIsHeld: false },
      {
        ok: false,
        code: 'no-previous-version',
        why: 'previous (models:/iris/9) is not in memory here yet; try again in a moment',
      },
    ],
    [
      '[case 95] a rollback with nothing to go back to',
      state(),
      { kind: 'roll-back' },
      READY,
      { ok: false, code: 'no-previous-version', why: 'nothing was promoted yet, so there is no version to go back to' },
    ],
  ])('refuses %s', (_, before, change, facts, refusal) => {
    expect(decide(before, change, facts)).toEqual(refusal);
  });
});

describe('any history of changes', () => {
  const changes = fc.oneof(
    fc.integer({ min: 1, max: 4 }).map((number): Change => ({ kind: 'load-next', version: version(number) })),
    fc.constant<Change>({ kind: 'promote' }),
    fc.constant<Change>({ kind: 'roll-back' }),
    fc
      .double({ min: 0, max: 1, noNaN: true })
      .map((canaryProbability): Change => ({ kind: 'set-split', canaryProbability })),
  );

  it('never empties current, counts every change once, and two rollbacks return to the same versions', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 30 }), (history) => {
        let now = decide(EMPTY_STATE, { kind: 'fill', version: version(1) }, READY) as Decision & { ok: true };
        for (const change of history) {
          const decision = decide(now.state, change, READY);
          if (!decision.ok) continue;
          expect(decision.state.current).not.toBeNull();
          expect(decision.state.generation).toBe(now.state.generation + (decision.changed ? 1 : 0));
          now = decision;
        }
        const back = decide(now.state, { kind: 'roll-back' }, READY);
        if (!back.ok) return;
        const forth = decide(back.state, { kind: 'roll-back' }, READY);
        expect(forth).toMatchObject({ state: { current: now.state.current, previous: now.state.previous } });
      }),
    );
  });
});
