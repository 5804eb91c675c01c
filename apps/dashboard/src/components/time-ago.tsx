import { Tooltip, UnstyledButton } from '@mantine/core';
import { formatAgo, formatExact } from '../format';
import { useNow } from './use-now';

interface TimeAgoProps {
  readonly at: string | Date;
  /** Inside of what takes the focus itself: without a stop of its own. */
  readonly plain?: boolean;
}

/** `3 min ago`, with the exact time on hover and on focus. */
export function TimeAgo({ at, plain = false }: TimeAgoProps) {
  const now = useNow();
  const date = new Date(at);
  if (plain) {
    return (
      <time dateTime={date.toISOString()} title={formatExact(date)}>
        {formatAgo(date, now)}
      </time>
    );
  }
  return (
    <Tooltip label={formatExact(date)} events={{ hover: true, focus: true, touch: true }}>
      <UnstyledButton component="time" dateTime={date.toISOString()} tabIndex={0} fz="inherit" c="inherit">
        {formatAgo(date, now)}
      </UnstyledButton>
    </Tooltip>
  );
}
