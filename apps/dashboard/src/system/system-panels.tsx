import { Paper, Progress, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { components } from '../api/schema';
import { ProblemNotice } from '../components/problem-notice';
import { formatBytes, formatDuration } from '../format';
import { texts } from '../texts/en';
import { Good } from './good';
import { systemQuery } from './system-query';

export type System = components['schemas']['SystemAnswer'];

/** What this replica stands on: registry, database, cache, runners, and itself. */
export function SystemPanels() {
  const { data, error, refetch } = useQuery(systemQuery);
  return (
    <>
      {error !== null && (
        <ProblemNotice title={texts.system.systemFailed} error={error} onRetry={() => void refetch()} />
      )}
      {data === undefined ? error === null && <PanelsSkeleton /> : <Panels system={data} />}
    </>
  );
}

const COLUMNS = { base: 1, sm: 2, lg: 3, xl: 5 } as const;

export function Panels({ system }: { readonly system: System }) {
  const { registry, database, runners } = system;
  return (
    <SimpleGrid cols={COLUMNS} spacing="md">
      <Panel title={texts.system.registry} help={texts.system.registryHelp}>
        <Dependency {...registry} />
      </Panel>
      <Panel title={texts.system.database} help={texts.system.databaseHelp}>
        <Dependency {...database} />
      </Panel>
      <Panel title={texts.system.cache} help={texts.system.cacheHelp}>
        <Cache cache={system.cache} />
      </Panel>
      <Panel title={texts.system.runners}>
        {runners.processes === 0 ? (
          <Text size="sm">{texts.system.noRunners}</Text>
        ) : (
          <Good ok={runners.ready === runners.processes}>
            {texts.system.runnersReady(runners.ready, runners.processes)}
          </Good>
        )}
        {runners.restarts > 0 && <Text size="sm">{texts.system.restarts(runners.restarts)}</Text>}
        <Text size="sm">
          {texts.system.memory} {runners.memoryBytes === null ? texts.unknown : formatBytes(runners.memoryBytes)}
        </Text>
      </Panel>
      <Panel title={texts.system.thisServer}>
        <Text size="sm">
          {texts.system.release} {system.release} · {texts.system.node} {system.node} · {system.platform}
        </Text>
        <Text size="sm">
          {texts.system.uptime} {formatDuration(system.uptimeSeconds * 1000)} · {texts.system.memory}{' '}
          {formatBytes(system.memoryBytes)}
        </Text>
        <Text size="sm">{texts.system.accessMode[system.access]}</Text>
      </Panel>
    </SimpleGrid>
  );
}

function Dependency({ kind, ok, problem }: System['registry']) {
  return (
    <>
      <Good ok={ok}>{ok ? texts.system.answers : texts.system.silent}</Good>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {kind}
      </Text>
      {problem !== null && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {problem}
        </Text>
      )}
    </>
  );
}

function Cache({ cache }: Pick<System, 'cache'>) {
  if (cache === null) return <Good ok={false}>{texts.system.cacheUnreadable}</Good>;
  const used = texts.system.cacheOf(formatBytes(cache.bytes), formatBytes(cache.maxBytes));
  return (
    <>
      <Text size="sm">
        {used} · {texts.system.cacheVersions(cache.versions)}
      </Text>
      <Progress w="100%" value={(100 * cache.bytes) / Math.max(1, cache.maxBytes)} aria-label={used} />
    </>
  );
}

interface PanelProps {
  readonly title: string;
  readonly help?: string;
  readonly children: ReactNode;
}

function Panel({ title, help, children }: PanelProps) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      <Stack gap={6} align="flex-start">
        {children}
        {help !== undefined && (
          <Text size="xs" c="dimmed">
            {help}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

function PanelsSkeleton() {
  return (
    <SimpleGrid cols={COLUMNS} spacing="md" role="status" aria-busy aria-label={texts.loading}>
      {Array.from({ length: 5 }, (_, index) => (
        <Skeleton key={index} h={130} />
      ))}
    </SimpleGrid>
  );
}
