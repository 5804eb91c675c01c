import { Accordion, Badge, Button, Group, Paper, Stack, Table, Text } from '@mantine/core';
import type { AuditEvent, Deployment } from '../api/types';
import { TimeAgo } from '../components/time-ago';
import { formatExact, formatSplit } from '../format';
import { useMay } from '../session/use-session';
import { texts } from '../texts/en';
import { describeEvent, subjectName } from './describe-event';
import { type Difference, differences } from './difference';
import { OutcomeBadge } from './outcome-badge';

interface EventItemProps {
  readonly event: AuditEvent;
  /** As it is now; undefined where it is not there any more, or the entry is about something else. */
  readonly deployment: Deployment | undefined;
  /** Whether entries about several things are listed, so that each says what it is about. */
  readonly showSubject: boolean;
  readonly onReturn: (deployment: Deployment, generation: number) => void;
}

/** One line for an attempt at a change; it opens to what it changed. */
export function EventItem({ event, deployment, showSubject, onReturn }: EventItemProps) {
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
          {showSubject && (
            <Badge variant="default" tt="none" maw={260}>
              {subjectName(event)}
            </Badge>
          )}
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

const PATHS: Readonly<Record<string, string>> = texts.history.paths;

/** The split is never a bare number: it says both shares. */
function inWords(line: Difference): Difference {
  if (line.path !== 'canaryProbability') return { ...line, path: PATHS[line.path] ?? line.path };
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

function Return({ event: { after, outcome }, deployment, onReturn }: Omit<EventItemProps, 'showSubject'>) {
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
          onReturn(deployment, generation);
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
