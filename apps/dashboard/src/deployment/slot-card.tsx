import { Badge, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RegisteredVersion, Slot, SlotName } from '../api/types';
import { StatusBadge } from '../components/status-badge';
import { TimeAgo } from '../components/time-ago';
import { formatBytes, formatCount, formatDifference, formatMetric } from '../format';
import { texts } from '../texts/en';
import classes from './slot-card.module.css';
import { describeSignature, versionName } from './version-name';

interface SlotCardProps {
  readonly slot: SlotName;
  readonly held: Slot | null;
  /** What current serves, where next is compared with it. */
  readonly beside?: Slot | null;
  /** What the registry knows of the version, once it answered. */
  readonly facts?: RegisteredVersion | undefined;
  readonly factsBeside?: RegisteredVersion | undefined;
  /** In words, which requests it answers. */
  readonly share: string;
  readonly children?: ReactNode;
}

const EMPTY: Record<SlotName, string> = {
  current: texts.deployment.emptyCurrent,
  next: texts.deployment.emptyNext,
  previous: texts.deployment.emptyPrevious,
};

/** What one slot holds, and whether that is well. */
export function SlotCard({ slot, held, beside = null, facts, factsBeside, share, children }: SlotCardProps) {
  return (
    <SlotFrame slot={slot} aside={<StatusBadge health={held === null ? 'empty' : held.runner.state} />}>
      {held === null ? (
        <Text size="sm" c="dimmed">
          {EMPTY[slot]}
        </Text>
      ) : (
        <>
          <div>
            <Group gap="xs">
              <Text fw={650} fz="lg" className={classes['version']}>
                {versionName(held)}
              </Text>
              {(facts?.aliases ?? []).map((alias) => (
                <Badge key={alias} variant="default" tt="none">
                  @{alias}
                </Badge>
              ))}
            </Group>
            <Text size="sm">{share}</Text>
          </div>
          {slot === 'next' && beside !== null && isSame(held, beside) && (
            <Text size="sm" c="dimmed">
              {texts.deployment.sameAsCurrent}
            </Text>
          )}
          {held.runner.lastProblem !== null && held.runner.state !== 'ready' && (
            <Text size="sm" c="red">
              {held.runner.lastProblem}
            </Text>
          )}
          <dl className={classes['facts']}>
            <Fact name={texts.slot.signature}>
              <span className={classes['signature']}>{describeSignature(held.signature)}</span>
              {slot === 'next' && beside !== null && !isSame(held, beside) && (
                <Text size="xs" c="dimmed">
                  {sameSignature(held, beside) ? texts.slot.sameSignature : texts.slot.otherSignature}
                </Text>
              )}
            </Fact>
            <Fact name={texts.slot.since}>
              <TimeAgo at={held.loadedAt} />
            </Fact>
            <Fact name={texts.slot.memory}>
              {held.runner.memoryBytes == null ? texts.unknown : formatBytes(held.runner.memoryBytes)}
              <Text span size="xs" c="dimmed">
                {' '}
                · {texts.slot.files} {formatBytes(held.bytes)}
              </Text>
            </Fact>
            <Fact name={texts.slot.batching}>
              {held.batching.batched && held.batching.maxRows !== null
                ? texts.slot.batched(formatCount(held.batching.maxRows))
                : texts.slot.notBatched}
            </Fact>
            <Fact name={texts.slot.runner}>
              {texts.slot.process(held.runner.pid, held.runner.restarts)}
              {held.runner.waitingRequests > 0 && `, ${texts.slot.waiting(held.runner.waitingRequests)}`}
            </Fact>
            <Metrics facts={facts} beside={slot === 'next' ? factsBeside : undefined} />
          </dl>
        </>
      )}
      {children}
    </SlotFrame>
  );
}

interface SlotFrameProps {
  readonly slot: SlotName;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** The card of a slot, whatever is in it. */
export function SlotFrame({ slot, aside, children }: SlotFrameProps) {
  return (
    <Paper
      withBorder
      p="md"
      component="section"
      aria-label={texts.slots[slot]}
      className={classes['card']}
      data-slot={slot}
    >
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <Title order={2} size="sm" tt="uppercase" className={classes['title']}>
            {texts.slots[slot]}
          </Title>
          {aside}
        </Group>
        {children}
      </Stack>
    </Paper>
  );
}

export function SlotSkeleton({ slot }: { readonly slot: SlotName }) {
  return (
    <SlotFrame slot={slot}>
      <Skeleton h={28} w="70%" />
      <Skeleton h={150} />
    </SlotFrame>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={classes['fact']}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const MOST_METRICS = 3;

interface MetricsProps {
  readonly facts: RegisteredVersion | undefined;
  readonly beside: RegisteredVersion | undefined;
}

function Metrics({ facts, beside }: MetricsProps) {
  const metrics = Object.entries(facts?.metrics ?? {}).filter((entry): entry is [string, number] => entry[1] !== null);
  return metrics.slice(0, MOST_METRICS).map(([name, value]) => {
    const other = beside?.version === facts?.version ? null : (beside?.metrics[name] ?? null);
    return (
      <Fact key={name} name={name}>
        {formatMetric(value)}
        {other !== null && (
          <Text span size="xs" c="dimmed">
            {' '}
            ({formatDifference(value - other)})
          </Text>
        )}
      </Fact>
    );
  });
}

const isSame = (one: Slot, other: Slot): boolean => one.uri === other.uri && one.digest === other.digest;

const sameSignature = (one: Slot, other: Slot): boolean =>
  describeSignature(one.signature) === describeSignature(other.signature);
