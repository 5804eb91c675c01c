import type { ReplicaRecord } from '@understudy/store';
import { LIVE_FOR_MS, whoIsNotReady } from './who-is-not-ready';

const NEXT = 'models:/iris/2';

const replica = (id: string, next: string | null, more: { ageMs?: number; health?: string } = {}): ReplicaRecord => ({
  id,
  host: `host-${id}`,
  pid: 1,
  release: '0.1.0',
  startedAt: new Date(0),
  heartbeatAt: new Date(0),
  ageMs: more.ageMs ?? 100,
  deployments: [
    { name: 'default', generation: 3, slots: [{ slot: 'next', version: next, health: more.health ?? 'ready' }] },
  ],
});

const READY = replica('a', NEXT);
const LOADING = replica('b', 'models:/iris/1');
const RESTARTING = replica('c', NEXT, { health: 'restarting' });
const DEAD = replica('d', null, { ageMs: LIVE_FOR_MS + 1 });

describe('who does not hold next ready', () => {
  it.each<[string, ReplicaRecord[], number, { live: number; notReady: number; sufficient: boolean }]>([
    ['nobody, where this is the only one', [], 1, { live: 1, notReady: 0, sufficient: true }],
    ['nobody, where all do', [READY], 1, { live: 2, notReady: 0, sufficient: true }],
    ['one that holds another version', [READY, LOADING], 1, { live: 3, notReady: 1, sufficient: false }],
    ['one whose runner is being started again', [RESTARTING], 1, { live: 2, notReady: 1, sufficient: false }],
    ['not one that has not been heard of', [READY, DEAD], 1, { live: 2, notReady: 0, sufficient: true }],
    ['one, where two of three suffice', [READY, LOADING], 0.5, { live: 3, notReady: 1, sufficient: true }],
    ['two, where half of three is two', [LOADING, RESTARTING], 0.5, { live: 3, notReady: 2, sufficient: false }],
    ['two, where none is needed', [LOADING, RESTARTING], 0, { live: 3, notReady: 2, sufficient: true }],
  ])('%s', (_, others, share, expected) => {
    const found = whoIsNotReady(others, 'default', NEXT, share);
    expect({ ...found, notReady: found.notReady.length }).toEqual(expected);
  });

  it('is named so that a person finds it', () => {
    expect(whoIsNotReady([LOADING], 'default', NEXT, 1).notReady).toEqual(['host-b (process 1, replica b)']);
    expect(whoIsNotReady([READY], 'shop', NEXT, 1).notReady).toHaveLength(1);
  });
});
