import { Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { recentEventsQuery } from '../api/queries';
import { ProblemNotice } from '../components/problem-notice';
import { TimeAgo } from '../components/time-ago';
import { describeEvent } from '../history/describe-event';
import { OutcomeBadge } from '../history/outcome-badge';
import { RouteLink } from '../components/route-link';
import { texts } from '../texts/en';

const SHOWN = 5;

/** The last attempts at a change, refused ones too. */
export function RecentEvents({ deployment }: { readonly deployment: string }) {
  const { data: events, error, refetch } = useQuery(recentEventsQuery(deployment, SHOWN));
  return (
    <Paper withBorder p="md" component="section" aria-label={texts.deployment.recent}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {texts.deployment.recent}
        </Title>
        <RouteLink to="/deployments/$name" params={{ name: deployment }} search={{ tab: 'history' }} size="sm">
          {texts.deployment.wholeHistory}
        </RouteLink>
      </Group>
      {error !== null && <ProblemNotice title={texts.history.failed} error={error} onRetry={() => void refetch()} />}
      {events === undefined && error === null && <Skeleton h={120} />}
      <Stack gap={6}>
        {events?.map((event) => (
          <Group key={event.id} gap="xs" wrap="wrap">
            <Text size="sm" w={90} c="dimmed">
              <TimeAgo at={event.at} />
            </Text>
            <Text size="sm" fw={600}>
              {event.origin.actor}
            </Text>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {describeEvent(event)}
            </Text>
            {event.outcome !== 'done' && <OutcomeBadge outcome={event.outcome} />}
            {event.origin.reason !== null && (
              <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                “{event.origin.reason}”
              </Text>
            )}
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}
