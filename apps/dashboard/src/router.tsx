import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { filterIn, type HistoryFilter } from './history/history-filter';
import { NotFoundPage } from './layout/not-found-page';
import { Root } from './layout/root';
import { OverviewPage } from './overview/overview-page';

/** Addresses of the pages; what a page needs beyond the first screen's is fetched with it. */

export type DeploymentTab = 'now' | 'try-it' | 'history';

interface DeploymentSearch extends HistoryFilter {
  readonly tab?: DeploymentTab;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function only<Search extends object>(search: Search): Partial<{ [Key in keyof Search]: NonNullable<Search[Key]> }> {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Partial<{
    [Key in keyof Search]: NonNullable<Search[Key]>;
  }>;
}

const rootRoute = createRootRoute({ component: Root, notFoundComponent: NotFoundPage });

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: OverviewPage,
});

const deploymentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/deployments/$name',
  validateSearch: (search: Record<string, unknown>): DeploymentSearch => {
    const { tab } = search;
    if (tab === 'history') return { tab, ...filterIn(search) };
    return tab === 'try-it' ? { tab } : {};
  },
  component: lazyRouteComponent(() => import('./deployment/deployment-page'), 'DeploymentRoute'),
});

const registryRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/registry',
  validateSearch: ({ model, into }: Record<string, unknown>): { model?: string; into?: string } =>
    only({ model: text(model), into: text(into) }),
  component: lazyRouteComponent(() => import('./registry/registry-page'), 'RegistryPage'),
});

const historyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/history',
  validateSearch: (search: Record<string, unknown>): { deployment?: string } & HistoryFilter => ({
    ...only({ deployment: text(search['deployment']) }),
    ...filterIn(search),
  }),
  component: lazyRouteComponent(() => import('./history/history-page'), 'HistoryPage'),
});

const replicasRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/replicas',
  component: lazyRouteComponent(() => import('./system/system-page'), 'SystemPage'),
});

const accessRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/access',
  component: lazyRouteComponent(() => import('./access/access-page'), 'AccessPage'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    overviewRoute,
    deploymentRoute,
    registryRoute,
    historyRoute,
    replicasRoute,
    accessRoute,
  ]),
  basepath: '/dashboard',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
