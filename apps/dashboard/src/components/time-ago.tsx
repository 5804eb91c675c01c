import { Tooltip, UnstyledButton } from '@mantine/core';
import { formatAgo, formatExact } from '../format';
import { useNow } from './use-now';

/** `3 min ago`, with the exact time on hover and on focus. */
export function TimeAgo({ at }: { readonly at: string | Date }) {
  const now = useNow();
  const date = new Date(at);
  return (
    <Tooltip label={formatExact(date)} events={{ hover: true, focus: true, touch: true }}>
      <UnstyledButton component="time" dateTime={date.toISOString()} tabIndex={0} fz="inherit" c="inherit">
        {formatAgo(date, now)}
      </UnstyledButton>
    </Tooltip>
  );
}
