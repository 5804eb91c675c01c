import { Badge, Paper, Skeleton, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { replicasQuery } from '../api/queries';
import type { Replica } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { TimeAgo } from '../components/time-ago';
import { Page } from '../layout/page';
import { texts } from '../texts/en';
import { Good } from './good';
import { ServedSlots } from './served-slots';
import { SystemPanels } from './system-panels';

/** Which replicas there are, who lags, and whether what they stand on is well. */
export function SystemPage() {
  return (
    <Page title={texts.system.title}>
      <SystemPanels />
      <Replicas />
    </Page>
  );
}

function Replicas() {
  const { data: replicas, error, refetch } = useQuery(replicasQuery);
  return (
    <Paper withBorder p="md" component="section" aria-label={texts.system.replicas}>
      <Title order={2} size="h4" mb="sm">
        {texts.system.replicas}
      </Title>
      {replicas !== undefined && <Converged replicas={replicas} />}
      {error !== null && <ProblemNotice title={texts.system.failed} error={error} onRetry={() => void refetch()} />}
      {replicas === undefined ? (
        error === null && <Skeleton h={120} role="status" aria-busy aria-label={texts.loading} />
      ) : (
        <Table.ScrollContainer
          minWidth={860}
          type="native"
          tabIndex={0}
          role="group"
          aria-label={texts.system.replicas}
        >
          <Table verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{texts.system.host}</Table.Th>
                <Table.Th>{texts.system.heartbeat}</Table.Th>
                <Table.Th>{texts.system.reached}</Table.Th>
                <Table.Th>{texts.system.serves}</Table.Th>
                <Table.Th>{texts.system.release}</Table.Th>
                <Table.Th>{texts.system.started}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {replicas.map((replica) => (
                <ReplicaRow key={replica.id} replica={replica} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Paper>
  );
}

/** The one sentence that matters: does everybody serve what is wanted? */
function Converged({ replicas }: { readonly replicas: readonly Replica[] }) {
  const live = replicas.filter((replica) => replica.live);
  const lagging = live.filter(({ behind }) => behind.length > 0);
  return (
    <Text size="sm" mb="sm">
      {lagging.length === 0 ? texts.system.allThere(live.length) : texts.system.lagging(lagging.length, live.length)}
    </Text>
  );
}

function ReplicaRow({ replica }: { readonly replica: Replica }) {
  const { behind } = replica;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={600}>
        {replica.host}{' '}
        {replica.self && (
          <Badge size="sm" variant="default" tt="none">
            {texts.system.self}
          </Badge>
        )}
        <Text size="xs" c="dimmed">
          {texts.system.process} {replica.pid}
        </Text>
      </Table.Th>
      <Table.Td>
        <Good ok={replica.live}>{replica.live ? texts.system.live : texts.system.gone}</Good>{' '}
        <Text size="xs" c="dimmed">
          <TimeAgo at={replica.heartbeatAt} />
        </Text>
      </Table.Td>
      <Table.Td>
        {behind.length === 0 ? (
          <Good ok>{texts.system.all}</Good>
        ) : (
          behind.map(({ deployment, generation, wanted }) => (
            <Text size="sm" key={deployment}>
              {texts.system.behind(deployment, generation, wanted)}
            </Text>
          ))
        )}
      </Table.Td>
      <Table.Td>
        <ServedSlots deployments={replica.deployments} />
      </Table.Td>
      <Table.Td>{replica.release}</Table.Td>
      <Table.Td>
        <TimeAgo at={replica.startedAt} />
      </Table.Td>
    </Table.Tr>
  );
}
