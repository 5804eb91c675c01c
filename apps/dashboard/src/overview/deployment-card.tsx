import { Badge } from '@mantine/core';
import { memo } from 'react';
import type { Deployment, Slot, Statistics } from '../api/types';
import { SplitBar } from '../components/split-bar';
import { TimeAgo } from '../components/time-ago';
import { versionName } from '../deployment/version-name';
import { formatDuration, formatRate, formatShare } from '../format';
import { texts } from '../texts/en';
import classes from './deployment-card.module.css';
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
    <article className={classes['card']} aria-label={name} data-need={need}>
      <div className={classes['line']}>
        <h2 className={classes['name']}>
          <RouteLink to="/deployments/$name" params={{ name }} inherit>
            {name}
          </RouteLink>
        </h2>
        <Badge color={COLORS[need]} variant="light" autoContrast tt="none" style={{ flexShrink: 0 }}>
          {texts.needs[need]}
        </Badge>
      </div>
      {sentence !== null && <p className={classes['sentence']}>{sentence}</p>}
      <div className={classes['arms']}>
        <ArmLine slot="current" held={actual.current} statistics={statistics} />
        <ArmLine slot="next" held={actual.next} statistics={statistics} />
      </div>
      <SplitBar canaryProbability={actual.canaryProbability} />
      <div className={`${classes['line']} ${classes['small']} ${classes['dimmed']}`}>
        <span>
          {lastChange !== null && (
            <>
              <TimeAgo at={lastChange.at} plain /> {texts.overview.changedBy} {lastChange.actor}
            </>
          )}
        </span>
        <span>
          {replicas === null
            ? texts.deployment.replicasUnknown
            : texts.deployment[replicas.reached === replicas.live ? 'converged' : 'converging'](
                replicas.reached,
                replicas.live,
              )}
        </span>
      </div>
    </article>
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
      <div className={classes['held']}>
        <span className={classes['dimmed']}>{slot} </span>
        <strong>{held === null ? texts.states.empty : versionName(held)}</strong>
      </div>
      <Sparkline statistics={rates === null ? undefined : statistics} slot={slot} />
      <div className={classes['small']}>
        {rates === null
          ? texts.unknown
          : [
              formatRate(rates.requestsPerSecond),
              `${texts.measures.errors} ${formatShare(rates.errorShare)}`,
              `p99 ${rates.p99Ms === null ? texts.unknown : formatDuration(rates.p99Ms)}`,
            ].join(' · ')}
      </div>
    </div>
  );
}
