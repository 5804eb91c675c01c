import { Box, Button, Group, SimpleGrid, Skeleton, Text, TextInput } from '@mantine/core';
import { PlusIcon, SearchIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { deploymentsQuery, figuresQuery } from '../api/queries';
import type { Deployment } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { EmptyState, Page } from '../layout/page';
import { useConnection } from '../live/connection';
import { useMay } from '../session/use-session';
import { texts } from '../texts/en';
import { CardList } from './card-list';
import { OnlyDeployment } from './only-deployment';
import type { Card } from './deployment-card';
import { assess, byNeed } from './needs';
import { ratesOf } from './rates';

const SEARCH_FROM = 6;

// What most first screens do not need comes after them.
const CreateDialog = lazy(async () => ({ default: (await import('./create-dialog')).CreateDialog }));

/** Which deployment needs me? With a single one: straight to it. */
export function OverviewPage() {
  const { data: deployments, error, refetch } = useQuery(deploymentsQuery);
  const [only] = deployments ?? [];
  if (deployments?.length === 1 && only !== undefined) {
    return (
      <Suspense fallback={<Loading />}>
        <OnlyDeployment name={only.name} />
        <Box mt="md">
          <CreateButton />
        </Box>
      </Suspense>
    );
  }
  if (deployments !== undefined) return <Overview deployments={deployments} />;
  if (error === null) return <Loading />;
  return (
    <Page title={texts.overview.title}>
      <ProblemNotice title={texts.overview.failed} error={error} onRetry={() => void refetch()} />
    </Page>
  );
}

function Loading() {
  return (
    <Page title={texts.overview.title}>
      <SimpleGrid cols={{ base: 1, lg: 2 }} role="status" aria-busy aria-label={texts.loading}>
        <Skeleton h={190} />
        <Skeleton h={190} />
      </SimpleGrid>
    </Page>
  );
}

function Overview({ deployments }: { readonly deployments: readonly Deployment[] }) {
  const [wanted, setWanted] = useState('');
  const found = deployments.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const names = deployments.map(({ name }) => name);
  const { phase } = useConnection();
  const { data: figures } = useQuery({ ...figuresQuery(names), enabled: phase === 'polling' });
  const cards = byNeed(
    found.map((deployment): Card => {
      const statistics = figures?.get(deployment.name);
      return {
        deployment,
        statistics,
        assessment: assess(deployment, ratesOf(statistics, 'current'), ratesOf(statistics, 'next')),
      };
    }),
  );
  const needing = cards.filter(({ assessment }) => assessment.need === 'failing').length;
  return (
    <Page title={texts.overview.title} aside={<CreateButton />}>
      <Group justify="space-between">
        <Text>
          {texts.overview.count(found.length)} ·{' '}
          <Text span fw={needing > 0 ? 700 : 400}>
            {needing === 0 ? texts.overview.calm : texts.overview.needing(needing)}
          </Text>
        </Text>
        {deployments.length >= SEARCH_FROM && (
          <TextInput
            aria-label={texts.overview.filter}
            placeholder={texts.overview.filter}
            leftSection={<SearchIcon size={16} aria-hidden />}
            value={wanted}
            onChange={(event) => {
              setWanted(event.currentTarget.value);
            }}
          />
        )}
      </Group>
      {cards.length === 0 && <EmptyState>{texts.overview.noneFound(wanted)}</EmptyState>}
      <CardList cards={cards} />
    </Page>
  );
}

function CreateButton() {
  const [opened, setOpened] = useState(false);
  if (!useMay('operate')) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<PlusIcon size={16} aria-hidden />}
        onClick={() => {
          setOpened(true);
        }}
      >
        {texts.overview.create}
      </Button>
      {opened && (
        <Suspense>
          <CreateDialog
            onClose={() => {
              setOpened(false);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
