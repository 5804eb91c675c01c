import { Badge, Paper, SimpleGrid, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { replicasQuery, statusQuery } from '../api/queries';
import type { Replica } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { StatusBadge } from '../components/status-badge';
import { TimeAgo } from '../components/time-ago';
import { versionName } from '../deployment/version-name';
import { formatBytes } from '../format';
import { Page } from '../layout/page';
import { texts } from '../texts/en';

/** Which replicas there are, who lags, and whether what they stand on is well. */
export function SystemPage() {
  return (
    <Page title={texts.system.title}>
      <System />
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
      {error !== null && <ProblemNotice title={texts.system.failed} error={error} onRetry={() => void refetch()} />}
      {replicas === undefined ? (
        error === null && <Skeleton h={120} role="status" aria-busy aria-label={texts.loading} />
      ) : (
        <Table.ScrollContainer
          minWidth={680}
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
      <Table.Td>{replica.release}</Table.Td>
      <Table.Td>
        <TimeAgo at={replica.startedAt} />
      </Table.Td>
    </Table.Tr>
  );
}

function Good({ ok, children }: { readonly ok: boolean; readonly children: ReactNode }) {
  const Icon = ok ? IconCircleCheck : IconCircleX;
  return (
    <Badge
      color={ok ? 'green' : 'red'}
      variant="light"
      autoContrast
      tt="none"
      leftSection={<Icon size={14} aria-hidden />}
    >
      {children}
    </Badge>
  );
}

function System() {
  const { data: status, error, refetch } = useQuery(statusQuery);
  if (status === undefined) {
    return error === null ? (
      <Skeleton h={110} role="status" aria-busy aria-label={texts.loading} />
    ) : (
      <ProblemNotice title={texts.system.systemFailed} error={error} onRetry={() => void refetch()} />
    );
  }
  const { database } = status;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
      <Panel title={texts.system.database}>
        <Good ok={database.ok}>{database.ok ? texts.system.answers : (database.problem ?? texts.unknown)}</Good>
        {database.unrecorded > 0 && <Text size="sm">{texts.system.unrecorded(database.unrecorded)}</Text>}
      </Panel>
      <Panel title={texts.system.registry}>
        <Text size="sm">{status.registry}</Text>
      </Panel>
      <Panel title={texts.system.slots}>
        {([status.current, status.next, status.previous] as const).map(
          (held, index) =>
            held !== null && (
              <Text size="sm" key={index} component="div">
                <StatusBadge health={held.runner.state} /> {versionName(held)}
                {held.runner.memoryBytes == null ? '' : ` · ${formatBytes(held.runner.memoryBytes)}`}
              </Text>
            ),
        )}
      </Panel>
    </SimpleGrid>
  );
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      <Stack gap={6} align="flex-start">
        {children}
      </Stack>
    </Paper>
  );
}
