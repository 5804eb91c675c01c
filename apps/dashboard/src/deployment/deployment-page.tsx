import { Badge, Group, SimpleGrid, Skeleton, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { deploymentQuery } from '../api/queries';
import type { Deployment } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { Page } from '../layout/page';
import type { DeploymentTab } from '../router';
import { texts } from '../texts/en';
import { HealthLine } from './health-line';
import { leadOf } from './lead';
import { NowTab } from './now-tab';
import { SlotSkeleton } from './slot-card';

const TryIt = lazy(() => import('../try-it/try-it'));
const History = lazy(() => import('../history/deployment-history'));

const route = getRouteApi('/deployments/$name');

export function DeploymentRoute() {
  const { name } = route.useParams();
  const { tab = 'now' } = route.useSearch();
  return <DeploymentPage key={name} name={name} tab={tab} />;
}

interface DeploymentPageProps {
  readonly name: string;
  readonly tab?: DeploymentTab;
}

/** What serves what, is it well, what can be done, what happened: of one deployment. */
export function DeploymentPage({ name, tab = 'now' }: DeploymentPageProps) {
  const { data: deployment, error, refetch } = useQuery(deploymentQuery(name));
  if (deployment !== undefined) return <Loaded deployment={deployment} tab={tab} />;
  return (
    <Page title={name}>
      {error === null ? (
        <SimpleGrid cols={{ base: 1, md: 3 }} aria-busy aria-label={texts.loading} role="status">
          <SlotSkeleton slot="current" />
          <SlotSkeleton slot="next" />
          <SlotSkeleton slot="previous" />
        </SimpleGrid>
      ) : (
        <ProblemNotice title={texts.deployment.failed(name)} error={error} onRetry={() => void refetch()} />
      )}
    </Page>
  );
}

function Loaded({ deployment, tab }: { readonly deployment: Deployment; readonly tab: DeploymentTab }) {
  const navigate = useNavigate();
  const { name } = deployment;
  const open = (value: string | null): void => {
    const search = value === 'try-it' || value === 'history' ? ({ tab: value } as const) : {};
    void navigate({ to: '/deployments/$name', params: { name }, search });
  };
  return (
    <Page
      title={<span style={{ overflowWrap: 'anywhere' }}>{name}</span>}
      lead={leadOf(deployment.actual)}
      aside={<Convergence deployment={deployment} />}
      isAsideWide
    >
      <HealthLine deployment={deployment} />
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="now">{texts.deployment.tabs.now}</Tabs.Tab>
          <Tabs.Tab value="try-it">{texts.deployment.tabs.tryIt}</Tabs.Tab>
          <Tabs.Tab value="history">{texts.deployment.tabs.history}</Tabs.Tab>
        </Tabs.List>
        <Suspense fallback={<Skeleton h={320} role="status" aria-busy aria-label={texts.loading} />}>
          <Tabs.Panel value="now">
            <NowTab deployment={deployment} />
          </Tabs.Panel>
          <Tabs.Panel value="try-it">
            <TryIt deployment={deployment} />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <History deployment={name} />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </Page>
  );
}

/** Wanted against actual, over all replicas. */
function Convergence({ deployment }: { readonly deployment: Deployment }) {
  const { replicas, generation, converged } = deployment;
  const all = replicas !== null && replicas.reached === replicas.live && converged;
  const words =
    replicas === null
      ? texts.deployment.replicasUnknown
      : texts.deployment[all ? 'converged' : 'converging'](replicas.reached, replicas.live);
  return (
    <Group gap="xs">
      <Badge color={all ? 'green' : 'yellow'} variant="light" autoContrast tt="none" size="lg">
        {words}
      </Badge>
      <Text size="sm" c="dimmed">
        {texts.deployment.generation(generation)}
      </Text>
    </Group>
  );
}
