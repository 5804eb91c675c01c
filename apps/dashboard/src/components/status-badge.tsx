import { Badge, type MantineColor } from '@mantine/core';
import {
  CircleCheckIcon,
  CircleDashedIcon,
  CircleXIcon,
  ClockIcon,
  LoaderIcon,
  RefreshCwIcon,
  TriangleAlertIcon,
  type LucideIcon,
} from 'lucide-react';
import { texts } from '../texts/en';

/** Everything a slot, a runner or a load can be. */
export type Health = keyof typeof texts.states;

interface Look {
  readonly color: MantineColor;
  readonly icon: LucideIcon;
}

/** Icon and word for each: colour alone says nothing to one in twelve men. */
const LOOKS: Record<Health, Look> = {
  ready: { color: 'green', icon: CircleCheckIcon },
  starting: { color: 'blue', icon: LoaderIcon },
  loading: { color: 'blue', icon: LoaderIcon },
  suspect: { color: 'yellow', icon: ClockIcon },
  restarting: { color: 'orange', icon: RefreshCwIcon },
  failed: { color: 'red', icon: CircleXIcon },
  ended: { color: 'gray', icon: TriangleAlertIcon },
  empty: { color: 'gray', icon: CircleDashedIcon },
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
