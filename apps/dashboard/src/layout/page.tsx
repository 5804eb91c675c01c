import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface PageProps {
  readonly title: ReactNode;
  /** What a person is to know first. It stands in the page's first frame too (first-frame.ts), in the same place. */
  readonly lead?: string;
  /** What stands beside the title: state in words, or actions. */
  readonly aside?: ReactNode;
  /** Whether that is too wide to stand there on a narrow screen. */
  readonly isAsideWide?: boolean;
  readonly children: ReactNode;
}

/** Every page begins the same way. */
export function Page({ title, lead, aside, isAsideWide = false, children }: PageProps) {
  return (
    <Stack gap="lg" maw={1600} mx="auto">
      <div className="page-head">
        <Title order={1} size="h2">
          {title}
        </Title>
        <p className="lead">{lead}</p>
        <div className="aside" data-wide={isAsideWide || undefined}>
          {aside}
        </div>
      </div>
      {children}
    </Stack>
  );
}

/** Nothing here yet: what the place is for, and what to do next. */
export function EmptyState({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }) {
  return (
    <Stack align="flex-start" gap="sm" py="md">
      <Text c="dimmed">{children}</Text>
      {action}
    </Stack>
  );
}
