import { Badge, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { memo } from 'react';
import type { Deployment, Slot, Statistics } from '../api/types';
import { SplitBar } from '../components/split-bar';
import { TimeAgo } from '../components/time-ago';
import { versionName } from '../deployment/version-name';
import { formatDuration, formatRate, formatShare } from '../format';
import { texts } from '../texts/en';
import type { Assessment, Need } from './needs';
import { ratesOf } from './rates';
import { RouteLink } from '../components/route-link';
import { Sparkline } from './sparkline';

/** A deployment with what is known of how it does. */
export interface Card {
  readonly deployment: Deployment;
  readonly statistics: Statistics | undefined;
  readonly assessment: Assessment;
}

const COLORS: Record<Need, string> = { failing: 'red', converging: 'blue', canary: 'orange', quiet: 'green' };

/** One deployment at a glance; drawn anew only where something of it changed, for there may be hundreds. */
export const DeploymentCard = memo(
  CardOfDeployment,
  (one, other) =>
    one.deployment === other.deployment &&
    one.statistics === other.statistics &&
    one.assessment.need === other.assessment.need &&
    one.assessment.sentence === other.assessment.sentence,
);

function CardOfDeployment({ deployment, statistics, assessment }: Card) {
  const { name, actual, lastChange, replicas } = deployment;
  const { need, sentence } = assessment;
  return (
    <Paper withBorder p="md" component="article" aria-label={name} data-need={need}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
            <RouteLink to="/deployments/$name" params={{ name }} inherit>
              {name}
            </RouteLink>
          </Title>
          <Badge color={COLORS[need]} variant="light" autoContrast tt="none" style={{ flexShrink: 0 }}>
            {texts.needs[need]}
          </Badge>
        </Group>
        {sentence !== null && <Text size="sm">{sentence}</Text>}
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <ArmLine slot="current" held={actual.current} statistics={statistics} />
          <ArmLine slot="next" held={actual.next} statistics={statistics} />
        </SimpleGrid>
        <SplitBar canaryProbability={actual.canaryProbability} />
        <Group justify="space-between" gap="xs">
          <Text size="xs" c="dimmed">
            {lastChange !== null && (
              <>
                <TimeAgo at={lastChange.at} /> {texts.overview.changedBy} {lastChange.actor}
              </>
            )}
          </Text>
          <Text size="xs" c="dimmed">
            {replicas === null
              ? texts.deployment.replicasUnknown
              : texts.deployment[replicas.reached === replicas.live ? 'converged' : 'converging'](
                  replicas.reached,
                  replicas.live,
                )}
          </Text>
        </Group>
      </Stack>
    </Paper>
  );
}

interface ArmLineProps {
  readonly slot: 'current' | 'next';
  readonly held: Slot | null;
  readonly statistics: Statistics | undefined;
}

function ArmLine({ slot, held, statistics }: ArmLineProps) {
  const rates = ratesOf(statistics, slot);
  return (
    <div>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        <Text span c="dimmed">
          {slot}{' '}
        </Text>
        <strong>{held === null ? texts.states.empty : versionName(held)}</strong>
      </Text>
      <Sparkline statistics={rates === null ? undefined : statistics} slot={slot} />
      <Text size="xs">
        {rates === null
          ? texts.unknown
          : [
              formatRate(rates.requestsPerSecond),
              `${texts.measures.errors} ${formatShare(rates.errorShare)}`,
              `p99 ${rates.p99Ms === null ? texts.unknown : formatDuration(rates.p99Ms)}`,
            ].join(' · ')}
      </Text>
    </div>
  );
}
