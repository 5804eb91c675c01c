import { Button, Group, SimpleGrid, Skeleton, Text, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deploymentsQuery, statisticsQuery } from '../api/queries';
import type { Deployment, Statistics } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { DeploymentPage } from '../deployment/deployment-page';
import { EmptyState, Page } from '../layout/page';
import { useMay } from '../session/use-session';
import { texts } from '../texts/en';
import { CreateDialog } from './create-dialog';
import { DeploymentCard } from './deployment-card';
import { type Assessment, assess, byNeed } from './needs';
import { ratesOf } from './rates';

/** So many deployments have their figures on the overview; more would ask the server more than they tell a person. */
const MOST_WITH_FIGURES = 40;
const MINUTES = 15;
const SEARCH_FROM = 6;

/** Which deployment needs me? With a single one: straight to it. */
export function OverviewPage() {
  const { data: deployments, error, refetch } = useQuery(deploymentsQuery);
  const [only] = deployments ?? [];
  if (deployments?.length === 1 && only !== undefined) {
    return (
      <>
        <DeploymentPage name={only.name} />
        <CreateButton />
      </>
    );
  }
  if (deployments !== undefined) return <Overview deployments={deployments} />;
  return (
    <Page title={texts.overview.title}>
      {error === null ? (
        <SimpleGrid cols={{ base: 1, lg: 2 }} role="status" aria-busy aria-label={texts.loading}>
          <Skeleton h={190} />
          <Skeleton h={190} />
        </SimpleGrid>
      ) : (
        <ProblemNotice title={texts.overview.failed} error={error} onRetry={() => void refetch()} />
      )}
    </Page>
  );
}

interface Card {
  readonly deployment: Deployment;
  readonly statistics: Statistics | undefined;
  readonly assessment: Assessment;
}

function Overview({ deployments }: { readonly deployments: readonly Deployment[] }) {
  const [wanted, setWanted] = useState('');
  const found = deployments.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const figures = useQueries({
    queries: found.slice(0, MOST_WITH_FIGURES).map(({ name }) => statisticsQuery(name, MINUTES)),
  });
  const cards = byNeed(
    found.map((deployment, index): Card => {
      const statistics = figures[index]?.data;
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
            leftSection={<IconSearch size={16} aria-hidden />}
            value={wanted}
            onChange={(event) => {
              setWanted(event.currentTarget.value);
            }}
          />
        )}
      </Group>
      {cards.length === 0 && <EmptyState>{texts.overview.noneFound(wanted)}</EmptyState>}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        {cards.map(({ deployment, statistics, assessment }) => (
          <DeploymentCard
            key={deployment.name}
            deployment={deployment}
            statistics={statistics}
            assessment={assessment}
          />
        ))}
      </SimpleGrid>
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
        mt="md"
        leftSection={<IconPlus size={16} aria-hidden />}
        onClick={() => {
          setOpened(true);
        }}
      >
        {texts.overview.create}
      </Button>
      {opened && (
        <CreateDialog
          onClose={() => {
            setOpened(false);
          }}
        />
      )}
    </>
  );
}
