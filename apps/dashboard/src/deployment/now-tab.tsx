import { Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { memo, useDeferredValue, useState } from 'react';
import type { Change, Deployment } from '../api/types';
import { focusPage } from '../components/use-return-focus';
import { formatSplit } from '../format';
import { useMay } from '../session/use-session';
import { texts } from '../texts/en';
import { Actions } from './actions';
import { ChangeDialog, type DialogRequest } from './change-dialog';
import { Evidence } from './evidence';
import { LoadCard } from './load-card';
import { RecentEvents } from './recent-events';
import { SlotCard } from './slot-card';
import { SplitPanel } from './split-panel';
import { useVersionFacts } from './use-version-facts';
import { RouteLink } from '../components/route-link';
import { whatCanBeDone } from './what-can-be-done';

/** Drawing charts takes longer than all else: who waits for a change sees the slots first. */
const EvidenceAfterwards = memo(Evidence);

/** State, what can be done, evidence, and what happened last. */
export function NowTab({ deployment }: { readonly deployment: Deployment }) {
  const mayOperate = useMay('operate');
  const [asked, setAsked] = useState<DialogRequest | null>(null);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const shownBelow = useDeferredValue(deployment);
  const possible = whatCanBeDone(deployment, mayOperate);
  const { actual, change } = deployment;
  const current = useVersionFacts(actual.current);
  const next = useVersionFacts(actual.next);
  const previous = useVersionFacts(actual.previous);
  const shares = actual.canaryProbability;
  const shownChange = change !== null && change.id !== dismissed && fillsNext(change) ? change : null;
  const ask = (change: DialogRequest['change']): void => {
    setAsked({ change, deployment });
  };
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
        <SlotCard
          slot="current"
          held={actual.current}
          facts={current}
          share={texts.deployment.share(formatSplit(actual.next === null ? 1 : shares))}
        />
        {shownChange === null ? (
          <SlotCard
            slot="next"
            held={actual.next}
            beside={actual.current}
            facts={next}
            factsBeside={current}
            share={texts.deployment.share(formatSplit(1 - shares))}
          />
        ) : (
          <LoadCard
            deployment={deployment.name}
            change={shownChange}
            mayOperate={mayOperate}
            onRetry={(modelUri) => {
              ask({ kind: 'load-next', modelUri });
            }}
            onDismiss={() => {
              setDismissed(shownChange.id);
              focusPage();
            }}
          />
        )}
        <SlotCard slot="previous" held={actual.previous} facts={previous} share={texts.deployment.standby} />
      </SimpleGrid>
      {actual.current === null && <FirstSteps deployment={deployment.name} />}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <SplitPanel deployment={deployment} possibility={possible['set-split']} onAsk={ask} />
        <Actions deployment={deployment} possible={possible} onAsk={ask} />
      </SimpleGrid>
      <EvidenceAfterwards deployment={shownBelow} />
      <RecentEvents deployment={deployment.name} />
      {asked !== null && (
        <ChangeDialog
          request={asked}
          onClose={() => {
            setAsked(null);
          }}
        />
      )}
    </Stack>
  );
}

/** A load is worth its own card while it runs and when it did not come to an end. */
const fillsNext = ({ state, modelUri }: Change): boolean => modelUri !== null && state !== 'done';

function FirstSteps({ deployment }: { readonly deployment: string }) {
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h4">
        {texts.firstSteps.title}
      </Title>
      <Text size="sm" mt="xs">
        {texts.firstSteps.choose}
      </Text>
      <Text size="sm">{texts.firstSteps.promote}</Text>
      <Text size="sm">{texts.firstSteps.predict}</Text>
      <Group mt="sm">
        <RouteLink to="/registry" search={{ into: deployment }}>
          {texts.firstSteps.openRegistry}
        </RouteLink>
      </Group>
    </Paper>
  );
}
