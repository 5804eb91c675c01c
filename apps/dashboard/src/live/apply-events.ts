import { notifyManager, type QueryClient } from '@tanstack/react-query';
import {
  deploymentQuery,
  deploymentsQuery,
  FIGURES_KEY,
  type FiguresByName,
  REPLICAS_KEY,
  statisticsQuery,
} from '../api/queries';
import type { Deployment, Statistics } from '../api/types';
import type { StreamEvent } from './event-parser';

/** What a batch of events comes to: the latest of each thing. */
interface News {
  readonly deployments: Map<string, Deployment>;
  readonly statistics: Map<string, Statistics>;
  readonly removed: Set<string>;
  /** All that there are, once the stream has told everything. */
  there: ReadonlySet<string> | null;
}

/**
 * Puts what a stream told in the place of what was asked for, so that whoever shows it knows no difference. `all` where the stream is
 * about every deployment: then the list is as it says.
 */
export function applyEvents(events: readonly StreamEvent[], queries: QueryClient, all: boolean): void {
  const news = read(events);
  notifyManager.batch(() => {
    for (const deployment of news.deployments.values()) applyDeployment(deployment, queries);
    applyList(news, queries, all);
    applyFigures(news, queries);
    for (const name of news.removed) void queries.resetQueries({ queryKey: ['deployments', name] });
  });
}

function read(events: readonly StreamEvent[]): News {
  const news: News = { deployments: new Map(), statistics: new Map(), removed: new Set(), there: null };
  for (const { event, data } of events) {
    const told: unknown = JSON.parse(data);
    if (event === 'deployment') news.deployments.set((told as Deployment).name, told as Deployment);
    else if (event === 'statistics') news.statistics.set((told as Statistics).deployment, told as Statistics);
    else if (event === 'removed') news.removed.add((told as { name: string }).name);
    else if (event === 'ready') news.there = new Set((told as { deployments: string[] }).deployments);
  }
  return news;
}

function applyDeployment(deployment: Deployment, queries: QueryClient): void {
  const { queryKey } = deploymentQuery(deployment.name);
  const before = queries.getQueryData(queryKey);
  queries.setQueryData(queryKey, deployment);
  if (before === undefined) return;
  if (served(before) !== served(deployment)) void queries.invalidateQueries({ queryKey: REPLICAS_KEY });
  if (happened(before) === happened(deployment)) return;
  // Something was done or went wrong: the history has another line.
  void queries.invalidateQueries({ queryKey: [...queryKey, 'events'] });
  void queries.invalidateQueries({ queryKey: [...queryKey, 'history'] });
}

const happened = ({ lastChange, lastError }: Deployment): string =>
  `${lastChange?.at ?? ''} ${lastChange?.requestId ?? ''} ${lastError?.at ?? ''}`;

/** What the list of replicas shows of a deployment, as far as this one and the counts of all tell it. */
const served = ({ generation, converged, replicas, actual }: Deployment): string =>
  JSON.stringify([
    generation,
    converged,
    replicas,
    [actual.current, actual.next, actual.previous].map((held) => [held?.uri, held?.runner.state]),
  ]);

function applyList({ deployments, removed, there }: News, queries: QueryClient, all: boolean): void {
  const { queryKey } = deploymentsQuery;
  const before = queries.getQueryData(queryKey);
  if (before === undefined && !(all && there !== null)) return;
  if (deployments.size === 0 && removed.size === 0 && there === null) return;
  const byName = new Map((before ?? []).map((deployment) => [deployment.name, deployment]));
  for (const [name, deployment] of deployments) byName.set(name, deployment);
  for (const name of removed) byName.delete(name);
  if (all && there !== null) for (const name of byName.keys()) if (!there.has(name)) byName.delete(name);
  queries.setQueryData(
    queryKey,
    [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
}

function applyFigures({ statistics, removed }: News, queries: QueryClient): void {
  if (statistics.size === 0) return;
  const figures = new Map(queries.getQueryData<FiguresByName>(FIGURES_KEY) ?? []);
  for (const [name, told] of statistics) {
    figures.set(name, told);
    const minutes = (new Date(told.to).getTime() - new Date(told.from).getTime()) / 60_000;
    queries.setQueryData(statisticsQuery(name, minutes).queryKey, told);
  }
  for (const name of removed) figures.delete(name);
  queries.setQueryData<FiguresByName>(FIGURES_KEY, figures);
}
