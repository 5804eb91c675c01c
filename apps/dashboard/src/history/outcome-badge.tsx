import { Badge, type MantineColor } from '@mantine/core';
import { IconBan, IconCircleCheck, IconCircleX, type TablerIcon } from '@tabler/icons-react';
import type { AuditEvent } from '../api/types';
import { texts } from '../texts/en';

const LOOKS: Record<AuditEvent['outcome'], { readonly color: MantineColor; readonly icon: TablerIcon }> = {
  done: { color: 'green', icon: IconCircleCheck },
  refused: { color: 'orange', icon: IconBan },
  failed: { color: 'red', icon: IconCircleX },
};

export function OutcomeBadge({ outcome }: Pick<AuditEvent, 'outcome'>) {
  const { color, icon: Icon } = LOOKS[outcome];
  return (
    <Badge color={color} variant="light" autoContrast tt="none" leftSection={<Icon size={14} aria-hidden />}>
      {texts.history.outcomes[outcome]}
    </Badge>
  );
}
