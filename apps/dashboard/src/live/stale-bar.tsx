import { Alert } from '@mantine/core';
import { UnplugIcon } from 'lucide-react';
import { useSeconds } from '../components/use-now';
import { formatClock } from '../format';
import { texts } from '../texts/en';
import { useConnection } from './connection';

/** Says that what is on screen is old, since when, and from when it is. */
export function StaleBar() {
  const { heardAt, lostAt } = useConnection();
  const now = useSeconds();
  if (lostAt === null) return null;
  const seconds = Math.max(0, Math.round((now.getTime() - lostAt.getTime()) / 1000));
  return (
    <Alert color="orange" role="status" py="xs" mb="md" icon={<UnplugIcon aria-hidden />}>
      {texts.stale(seconds, formatClock(heardAt))}
    </Alert>
  );
}
