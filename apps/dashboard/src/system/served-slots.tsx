import { Group, Stack, Text } from '@mantine/core';
import type { Replica } from '../api/types';
import { type Health, StatusBadge } from '../components/status-badge';
import { texts } from '../texts/en';

/** More deployments than this are counted, not listed. */
const MOST_LISTED = 5;

/** Another release may have states that this page does not know. */
const isHealth = (health: string): health is Health => health in texts.states;

/** What a replica has in its slots, the deployments that are not well first. */
export function ServedSlots({ deployments }: Pick<Replica, 'deployments'>) {
  const filled = deployments.map((deployment) => ({
    ...deployment,
    slots: deployment.slots.filter(({ version }) => version !== null),
  }));
  const isWell = ({ slots }: (typeof filled)[number]): boolean => slots.every(({ health }) => health === 'ready');
  const ordered = filled.toSorted((a, b) => Number(isWell(a)) - Number(isWell(b)));
  const left = ordered.length - MOST_LISTED;
  return (
    <Stack gap="xs">
      {ordered.slice(0, MOST_LISTED).map(({ name, generation, slots }) => (
        <div key={name}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {name}{' '}
            <Text span size="xs" c="dimmed">
              {texts.system.generation(generation)}
            </Text>
          </Text>
          {slots.map(({ slot, version, health }) => (
            <Group key={slot} gap={6} mt={4}>
              <StatusBadge health={isHealth(health) ? health : 'ended'} />
              <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
                {texts.slots[slot].toLowerCase()} {version}
              </Text>
            </Group>
          ))}
        </div>
      ))}
      {left > 0 && (
        <Text size="xs" c="dimmed">
          {texts.system.moreSlots(left)}
        </Text>
      )}
    </Stack>
  );
}
