import { Accordion, Anchor, Button, Group, Skeleton, Stack } from '@mantine/core';
import { DownloadIcon } from 'lucide-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deploymentsQuery } from '../api/queries';
import type { Deployment } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { ChangeDialog } from '../deployment/change-dialog';
import { EmptyState } from '../layout/page';
import { texts } from '../texts/en';
import { EventItem } from './event-item';
import { deploymentOf, eventsQuery, exportAddress } from './events-query';
import { asEventFilter, whyEmpty } from './history-filter';
import { HistoryFilters } from './history-filters';
import { useHistoryFilter } from './use-history-filter';

interface DeploymentHistoryProps {
  /** Null for everything that happened, which administrators may read. */
  readonly deployment: string | null;
}

/** What was attempted, newest first: filtered, paged, exported, and the way back to an earlier state. */
export default function DeploymentHistory({ deployment: name }: DeploymentHistoryProps) {
  const { typed, settled, setTyped } = useHistoryFilter();
  const filter = asEventFilter(settled);
  const history = useInfiniteQuery(eventsQuery(name, filter));
  const { data: deployments } = useQuery(deploymentsQuery);
  const [restoring, setRestoring] = useState<{ deployment: Deployment; generation: number } | null>(null);
  const events = history.data?.pages.flatMap((page) => page.events);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="end" gap="sm">
        <HistoryFilters filter={typed} onChange={setTyped} />
        <Anchor href={exportAddress(name, filter)} download size="sm" title={texts.history.exportHelp}>
          <DownloadIcon size={14} aria-hidden style={{ verticalAlign: 'text-bottom' }} /> {texts.history.export}
        </Anchor>
      </Group>
      {history.error !== null && (
        <ProblemNotice title={texts.history.failed} error={history.error} onRetry={() => void history.refetch()} />
      )}
      {events === undefined && history.error === null && (
        <Skeleton h={300} role="status" aria-busy aria-label={texts.loading} />
      )}
      {events?.length === 0 && <EmptyState>{whyEmpty(settled)}</EmptyState>}
      {events !== undefined && events.length > 0 && (
        <Accordion variant="contained" chevronPosition="left">
          {events.map((event) => (
            <EventItem
              key={event.id}
              event={event}
              deployment={deployments?.find((one) => one.name === deploymentOf(event.subject))}
              showSubject={name === null}
              onReturn={(deployment, generation) => {
                setRestoring({ deployment, generation });
              }}
            />
          ))}
        </Accordion>
      )}
      {history.hasNextPage && (
        <Button variant="default" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
          {texts.more}
        </Button>
      )}
      {restoring !== null && (
        <ChangeDialog
          request={{
            change: { kind: 'restore', generation: restoring.generation },
            deployment: restoring.deployment,
          }}
          onClose={() => {
            setRestoring(null);
            void history.refetch();
          }}
        />
      )}
    </Stack>
  );
}
