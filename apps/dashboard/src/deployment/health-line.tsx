import { Alert, Text } from '@mantine/core';
import { CircleCheckIcon, LoaderIcon, ShuffleIcon, TriangleAlertIcon, type LucideIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { LIVE_MINUTES, statisticsQuery } from '../api/queries';
import type { Deployment } from '../api/types';
import { assess, type Need } from '../overview/needs';
import { ratesOf } from '../overview/rates';
import { texts } from '../texts/en';

const LOOKS: Record<Need, { readonly color: string; readonly icon: LucideIcon }> = {
  failing: { color: 'red', icon: TriangleAlertIcon },
  converging: { color: 'blue', icon: LoaderIcon },
  canary: { color: 'orange', icon: ShuffleIcon },
  quiet: { color: 'green', icon: CircleCheckIcon },
};

/** One sentence for somebody who was just woken: is it well? */
export function HealthLine({ deployment }: { readonly deployment: Deployment }) {
  const { data: statistics } = useQuery(statisticsQuery(deployment.name, LIVE_MINUTES));
  const { need, sentence } = assess(deployment, ratesOf(statistics, 'current'), ratesOf(statistics, 'next'));
  const { color, icon: Icon } = LOOKS[need];
  return (
    <Alert color={color} py="xs" icon={<Icon aria-hidden />} role="status" data-need={need}>
      <Text size="sm" c="var(--mantine-color-text)">
        <strong>{texts.needs[need]}</strong> · {sentence ?? texts.deployment.quiet}
      </Text>
    </Alert>
  );
}
