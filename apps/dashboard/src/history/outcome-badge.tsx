import { Badge, type MantineColor } from '@mantine/core';
import { BanIcon, CircleCheckIcon, CircleXIcon, type LucideIcon } from 'lucide-react';
import type { AuditEvent } from '../api/types';
import { texts } from '../texts/en';

const LOOKS: Record<AuditEvent['outcome'], { readonly color: MantineColor; readonly icon: LucideIcon }> = {
  done: { color: 'green', icon: CircleCheckIcon },
  refused: { color: 'orange', icon: BanIcon },
  failed: { color: 'red', icon: CircleXIcon },
};

export function OutcomeBadge({ outcome }: Pick<AuditEvent, 'outcome'>) {
  const { color, icon: Icon } = LOOKS[outcome];
  return (
    <Badge color={color} variant="light" autoContrast tt="none" leftSection={<Icon size={14} aria-hidden />}>
      {texts.history.outcomes[outcome]}
    </Badge>
  );
}
