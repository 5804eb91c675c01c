import { Select, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { deploymentsQuery } from '../api/queries';
import { ProblemNotice } from '../components/problem-notice';
import { EmptyState, Page } from '../layout/page';
import { useMay } from '../session/use-session';
import { texts } from '../texts/en';
import DeploymentHistory from './deployment-history';
import { VerifyChain } from './verify-chain';

const route = getRouteApi('/history');

/** What was done, by whom, and why: over everything for administrators, of one deployment for everybody else. */
export function HistoryPage() {
  const { deployment } = route.useSearch();
  const navigate = useNavigate();
  const mayReadAll = useMay('administer');
  const { data: deployments, error, refetch } = useQuery(deploymentsQuery);
  const chosen = deployment ?? (mayReadAll ? null : (deployments?.[0]?.name ?? undefined));
  const names = new Set(deployments?.map(({ name }) => name));
  // One that was deleted keeps its history, and its address.
  if (typeof deployment === 'string') names.add(deployment);
  return (
    <Page
      title={texts.history.title}
      lead={texts.history.lead}
      aside={
        names.size > (mayReadAll ? 0 : 1) && (
          <Select
            aria-label={texts.history.deployment}
            data={[...names]}
            value={chosen ?? null}
            placeholder={texts.history.everything}
            clearable={mayReadAll}
            clearButtonProps={{ 'aria-label': texts.history.everything }}
            allowDeselect={false}
            searchable
            onChange={(name) => {
              // What was filtered stays so.
              void navigate({
                to: '/history',
                search: ({ deployment: _before, ...filter }) =>
                  name === null ? filter : { ...filter, deployment: name },
              });
            }}
          />
        )
      }
    >
      {mayReadAll ? (
        <VerifyChain />
      ) : (
        <Text size="sm" c="dimmed">
          {texts.history.wholeNeedsAdmin}
        </Text>
      )}
      {error !== null && <ProblemNotice title={texts.overview.failed} error={error} onRetry={() => void refetch()} />}
      {chosen === undefined && deployments === undefined && error === null && (
        <Skeleton h={300} role="status" aria-busy aria-label={texts.loading} />
      )}
      {chosen === undefined && deployments?.length === 0 && <EmptyState>{texts.history.noneYet}</EmptyState>}
      {chosen !== undefined && <DeploymentHistory key={chosen ?? ''} deployment={chosen} />}
    </Page>
  );
}
