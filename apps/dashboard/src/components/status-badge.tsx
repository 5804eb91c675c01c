import { Badge, type MantineColor } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconLoader,
  IconRefresh,
  type TablerIcon,
} from '@tabler/icons-react';
import { texts } from '../texts/en';

/** Everything a slot, a runner or a load can be. */
export type Health = keyof typeof texts.states;

interface Look {
  readonly color: MantineColor;
  readonly icon: TablerIcon;
}

/** Icon and word for each: colour alone says nothing to one in twelve men. */
const LOOKS: Record<Health, Look> = {
  ready: { color: 'green', icon: IconCircleCheck },
  starting: { color: 'blue', icon: IconLoader },
  loading: { color: 'blue', icon: IconLoader },
  suspect: { color: 'yellow', icon: IconClock },
  restarting: { color: 'orange', icon: IconRefresh },
  failed: { color: 'red', icon: IconCircleX },
  ended: { color: 'gray', icon: IconAlertTriangle },
  empty: { color: 'gray', icon: IconCircleDashed },
};

export function StatusBadge({ health }: { readonly health: Health }) {
  const { color, icon: Icon } = LOOKS[health];
  return (
    <Badge
      color={color}
      variant="light"
      autoContrast
      tt="none"
      leftSection={<Icon size={14} aria-hidden />}
      data-health={health}
    >
      {texts.states[health]}
    </Badge>
  );
}
