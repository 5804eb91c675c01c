import { Accordion, Button, Group, Paper, Select, Skeleton, Stack, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deploymentQuery, type EventFilter, historyQuery } from '../api/queries';
import type { AuditEvent, Deployment } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { TimeAgo } from '../components/time-ago';
import { ChangeDialog } from '../deployment/change-dialog';
import { formatExact, formatSplit } from '../format';
import { EmptyState } from '../layout/page';
import { useMay } from '../session/use-session';
import { texts } from '../texts/en';
import { describeEvent } from './describe-event';
import { type Difference, differences } from './difference';
import { OutcomeBadge } from './outcome-badge';

const TYPING_MS = 300;

/** One line for each attempt at a change; it opens to what it made other. */
export default function DeploymentHistory({ deployment: name }: { readonly deployment: string }) {
  const [filter, setFilter] = useState<EventFilter>({});
  const [settled] = useDebouncedValue(filter, TYPING_MS);
  const history = useInfiniteQuery(historyQuery(name, settled));
  const { data: deployment } = useQuery(deploymentQuery(name));
  const [restoring, setRestoring] = useState<number | null>(null);
  const events = history.data?.pages.flatMap((page) => page.events);
  return (
    <Stack gap="md">
      <Filters filter={filter} onChange={setFilter} />
      {history.error !== null && (
        <ProblemNotice title={texts.history.failed} error={history.error} onRetry={() => void history.refetch()} />
      )}
      {events === undefined && history.error === null && (
        <Skeleton h={300} role="status" aria-busy aria-label={texts.loading} />
      )}
      {events?.length === 0 && <EmptyState>{texts.history.none}</EmptyState>}
      {events !== undefined && events.length > 0 && (
        <Accordion variant="contained" chevronPosition="left">
          {events.map((event) => (
            <EventItem key={event.id} event={event} deployment={deployment} onReturn={setRestoring} />
          ))}
        </Accordion>
      )}
      {history.hasNextPage && (
        <Button variant="default" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
          {texts.more}
        </Button>
      )}
      {restoring !== null && deployment !== undefined && (
        <ChangeDialog
          request={{ change: { kind: 'restore', generation: restoring }, deployment }}
          onClose={() => {
            setRestoring(null);
            void history.refetch();
          }}
        />
      )}
    </Stack>
  );
}

interface FiltersProps {
  readonly filter: EventFilter;
  readonly onChange: (filter: EventFilter) => void;
}

const OUTCOMES = ['done', 'refused', 'failed'] as const;

function Filters({ filter, onChange }: FiltersProps) {
  const { history } = texts;
  const change = (part: { [Key in keyof EventFilter]: EventFilter[Key] | undefined }): void => {
    const next = Object.entries({ ...filter, ...part }).filter(([, value]) => value !== undefined);
    onChange(Object.fromEntries(next));
  };
  return (
    <Group gap="sm" align="end">
      <TextInput
        label={history.actor}
        placeholder={history.any}
        value={filter.actor ?? ''}
        onChange={(event) => {
          change({ actor: event.currentTarget.value === '' ? undefined : event.currentTarget.value });
        }}
      />
      <Select
        label={history.action}
        placeholder={history.any}
        clearable
        clearButtonProps={{ 'aria-label': history.any }}
        data={Object.entries(history.kinds).map(([value, label]) => ({ value, label }))}
        value={filter.action ?? null}
        onChange={(value) => {
          change({ action: value ?? undefined });
        }}
      />
      <Select
        label={history.outcome}
        placeholder={history.any}
        clearable
        clearButtonProps={{ 'aria-label': history.any }}
        data={OUTCOMES.map((value) => ({ value, label: history.outcomes[value] }))}
        value={filter.outcome ?? null}
        onChange={(value) => {
          change({ outcome: OUTCOMES.find((outcome) => outcome === value) });
        }}
      />
    </Group>
  );
}

interface EventItemProps {
  readonly event: AuditEvent;
  readonly deployment: Deployment | undefined;
  readonly onReturn: (generation: number) => void;
}

function EventItem({ event, deployment, onReturn }: EventItemProps) {
  const { origin, outcome, problem } = event;
  return (
    <Accordion.Item value={event.id}>
      <Accordion.Control>
        <Group gap="xs">
          <Text size="sm" c="dimmed" w={84}>
            <TimeAgo at={event.at} plain />
          </Text>
          <Text size="sm" fw={600}>
            {origin.actor}
          </Text>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {describeEvent(event)}
          </Text>
          {outcome !== 'done' && <OutcomeBadge outcome={outcome} />}
          {origin.reason !== null && (
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              “{origin.reason}”
            </Text>
          )}
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            {formatExact(new Date(event.at))} · {texts.history.entry(event.sequence)}
            {origin.address !== null && ` · ${texts.history.from} ${origin.address}`} · {texts.history.request}{' '}
            {origin.requestId}
          </Text>
          {problem !== null && <Text size="sm">{problem.detail}</Text>}
          <EventDifference event={event} />
          <Return event={event} deployment={deployment} onReturn={onReturn} />
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

/** The split is never a bare number: it says both shares. */
function inWords(line: Difference): Difference {
  if (line.path !== 'canaryProbability') return line;
  const words = (share: string): string =>
    Number.isNaN(Number(share)) ? share : texts.split.words(formatSplit(Number(share)), formatSplit(1 - Number(share)));
  return { path: texts.split.title, before: words(line.before), after: words(line.after) };
}

/** Every change has these; they say nothing beyond the line above. */
const BESIDE_THE_POINT = new Set(['generation', 'changedAt', 'name']);

function EventDifference({ event: { before, after, outcome } }: { readonly event: AuditEvent }) {
  if (outcome !== 'done') return null;
  const lines = differences(before, after)
    .filter(({ path }) => !BESIDE_THE_POINT.has(path))
    .map(inWords);
  if (lines.length === 0) return <Text size="sm">{texts.history.nothing}</Text>;
  return (
    <Paper withBorder p="xs">
      <Table.ScrollContainer minWidth={400} type="native" tabIndex={0} role="group" aria-label={texts.history.details}>
        <Table verticalSpacing={4} withRowBorders={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{texts.history.path}</Table.Th>
              <Table.Th>{texts.history.before}</Table.Th>
              <Table.Th>{texts.history.after}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={line.path}>
                <Table.Th scope="row" fw={400}>
                  {line.path}
                </Table.Th>
                <Table.Td c="dimmed" td="line-through">
                  {line.before}
                </Table.Td>
                <Table.Td fw={600}>{line.after}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

function Return({ event: { after, outcome }, deployment, onReturn }: EventItemProps) {
  const mayOperate = useMay('operate');
  const generation = after?.['generation'];
  if (outcome !== 'done' || typeof generation !== 'number' || deployment === undefined) return null;
  if (generation === deployment.generation) {
    return (
      <Text size="sm" c="dimmed">
        {texts.history.isNow}
      </Text>
    );
  }
  return (
    <div>
      <Button
        size="xs"
        variant="default"
        disabled={!mayOperate}
        onClick={() => {
          onReturn(generation);
        }}
      >
        {texts.history.returnTo}
      </Button>
      {!mayOperate && (
        <Text size="xs" c="dimmed">
          {texts.why.mayNot}
        </Text>
      )}
    </div>
  );
}
