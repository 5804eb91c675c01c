import { QueryClient } from '@tanstack/react-query';
import { deployment, statistics } from '../../testing/show';
import {
  deploymentQuery,
  deploymentsQuery,
  FIGURES_KEY,
  LIVE_MINUTES,
  REPLICAS_KEY,
  statisticsQuery,
} from '../api/queries';
import type { Deployment } from '../api/types';
import { applyEvents } from './apply-events';
import type { StreamEvent } from './event-parser';
import { Gather } from './gather';
import { unlessTold } from './unless-told';

const event = (name: string, data: object): StreamEvent => ({ id: null, event: name, data: JSON.stringify(data) });
const ready = (...deployments: string[]): StreamEvent => event('ready', { deployments });
const names = (queries: QueryClient): string[] | undefined =>
  queries.getQueryData(deploymentsQuery.queryKey)?.map(({ name }) => name);

describe('what a stream tells', () => {
  it('is the list and each deployment, once everything was told', () => {
    const queries = new QueryClient();
    const told = ['b', 'a'].map((name) => event('deployment', deployment({ name })));
    applyEvents(told, queries, true);
    expect(names(queries)).toBeUndefined();
    applyEvents([...told, ready('a', 'b')], queries, true);
    expect(names(queries)).toEqual(['a', 'b']);
    expect(queries.getQueryData(deploymentQuery('b').queryKey)?.name).toBe('b');
  });

  it('changes only what changed', () => {
    const queries = new QueryClient();
    applyEvents(
      [...['a', 'b'].map((name) => event('deployment', deployment({ name }))), ready('a', 'b')],
      queries,
      true,
    );
    const [a, b] = queries.getQueryData(deploymentsQuery.queryKey) ?? [];
    applyEvents([event('deployment', deployment({ name: 'b', generation: 9 }))], queries, true);
    const [sameA, otherB] = queries.getQueryData(deploymentsQuery.queryKey) ?? [];
    expect(sameA).toBe(a);
    expect([b?.generation, otherB?.generation]).toEqual([1, 9]);
  });

  it('takes away what was removed, and what a new stream about all does not name', () => {
    const queries = new QueryClient();
    const told = ['a', 'b', 'c'].map((name) => event('deployment', deployment({ name })));
    applyEvents([...told, ready('a', 'b', 'c')], queries, true);
    applyEvents([event('removed', { name: 'b' })], queries, true);
    expect(names(queries)).toEqual(['a', 'c']);
    applyEvents([ready('a')], queries, false);
    expect(names(queries)).toEqual(['a', 'c']);
    applyEvents([ready('a')], queries, true);
    expect(names(queries)).toEqual(['a']);
  });

  it('is what the first charts draw', () => {
    const queries = new QueryClient();
    const told = statistics('a');
    applyEvents([event('statistics', told)], queries, true);
    expect(queries.getQueryData(statisticsQuery('a', LIVE_MINUTES).queryKey)).toEqual(told);
    expect(queries.getQueryData(FIGURES_KEY)).toEqual(new Map([['a', told]]));
  });

  it('has the history asked for anew where somebody did something', () => {
    const queries = new QueryClient();
    const key = ['deployments', 'a', 'events', 5];
    queries.setQueryData(key, []);
    const isOld = (): boolean | undefined => queries.getQueryState(key)?.isInvalidated;
    applyEvents([event('deployment', deployment({ name: 'a' }))], queries, false);
    applyEvents([event('deployment', deployment({ name: 'a', generation: 2 }))], queries, false);
    expect(isOld()).toBe(false);
    const lastChange = { action: 'promote', at: '2026-11-25T10:00:00Z', actor: 'ann', reason: null, requestId: 'r2' };
    applyEvents([event('deployment', deployment({ name: 'a', lastChange }))], queries, false);
    expect(isOld()).toBe(true);
  });

  it('has the replicas asked for anew where one of them is at another place, and not at each figure', () => {
    const queries = new QueryClient();
    queries.setQueryData(REPLICAS_KEY, []);
    const isOld = (): boolean | undefined => queries.getQueryState(REPLICAS_KEY)?.isInvalidated;
    const told = (more: Partial<Deployment>): void => {
      applyEvents([event('deployment', deployment({ name: 'a', ...more }))], queries, true);
    };
    told({ replicas: { live: 3, reached: 3 } });
    told({ replicas: { live: 3, reached: 3 }, lastError: { code: 'x', detail: 'y', at: '2026-11-25T10:00:00Z' } });
    expect(isOld()).toBe(false);
    told({ replicas: { live: 3, reached: 2 } });
    expect(isOld()).toBe(true);
  });

  it('stays where an older answer comes in after it', async () => {
    const queries = new QueryClient();
    const { queryKey } = deploymentQuery('a');
    let answer: (deployment: Deployment) => void = () => undefined;
    const asked = queries.query({
      queryKey,
      queryFn: (context) =>
        unlessTold<Deployment>(
          context,
          new Promise((resolve) => {
            answer = resolve;
          }),
        ),
    });
    applyEvents([event('deployment', deployment({ name: 'a', generation: 2 }))], queries, false);
    answer(deployment({ name: 'a', generation: 1 }));
    await asked;
    expect(queries.getQueryData<Deployment>(queryKey)?.generation).toBe(2);
  });
});

describe('Gather', () => {
  const draws: (readonly StreamEvent[])[] = [];
  const frame = () =>
    new Promise((resolve) => {
      requestAnimationFrame(resolve);
    });

  beforeEach(() => draws.splice(0));

  it('draws a hundred events about one thing once, with the last', async () => {
    const gather = new Gather((events) => draws.push(events));
    for (let generation = 1; generation <= 100; generation++)
      gather.take(event('deployment', deployment({ name: 'a', generation })));
    await frame();
    await frame();
    expect(draws.map((events) => events.map(({ data }) => (JSON.parse(data) as Deployment).generation))).toEqual([
      [100],
    ]);
  });

  it('draws nothing of what a stream tells first before all of it is there', async () => {
    const gather = new Gather((events) => draws.push(events));
    gather.begin();
    gather.take(event('deployment', deployment({ name: 'a' })));
    await frame();
    await frame();
    expect(draws).toEqual([]);
    gather.take(ready('a'));
    await frame();
    await frame();
    expect(draws.map((events) => events.map((one) => one.event))).toEqual([['deployment', 'ready']]);
  });
});
