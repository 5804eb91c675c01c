import { Badge } from '@mantine/core';
import { CircleCheckIcon, CircleXIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** Well or not, by icon and word. */
export function Good({ ok, children }: { readonly ok: boolean; readonly children: ReactNode }) {
  const Icon = ok ? CircleCheckIcon : CircleXIcon;
  return (
    <Badge
      color={ok ? 'green' : 'red'}
      variant="light"
      autoContrast
      tt="none"
      maw="100%"
      leftSection={<Icon size={14} aria-hidden />}
    >
      {children}
    </Badge>
  );
}
