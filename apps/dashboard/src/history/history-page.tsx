import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { deploymentsQuery } from '../api/queries';
import { ProblemNotice } from '../components/problem-notice';
import { Page } from '../layout/page';
import { texts } from '../texts/en';
import DeploymentHistory from './deployment-history';

const route = getRouteApi('/history');

/** What was done to a deployment, by whom, and why. */
export function HistoryPage() {
  const { deployment } = route.useSearch();
  const navigate = useNavigate();
  const { data: deployments, error, refetch } = useQuery(deploymentsQuery);
  const chosen = deployment ?? deployments?.[0]?.name;
  return (
    <Page
      title={texts.history.title}
      aside={
        (deployments?.length ?? 0) > 1 && (
          <Select
            aria-label={texts.history.deployment}
            data={deployments?.map(({ name }) => name) ?? []}
            value={chosen ?? null}
            allowDeselect={false}
            searchable
            onChange={(name) => {
              if (name !== null) void navigate({ to: '/history', search: { deployment: name } });
            }}
          />
        )
      }
    >
      {error !== null && <ProblemNotice title={texts.overview.failed} error={error} onRetry={() => void refetch()} />}
      {chosen !== undefined && <DeploymentHistory key={chosen} deployment={chosen} />}
    </Page>
  );
}
