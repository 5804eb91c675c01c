import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface PageProps {
  readonly title: ReactNode;
  /** What stands beside the title: state in words, or actions. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** Every page begins the same way. */
export function Page({ title, aside, children }: PageProps) {
  return (
    <Stack gap="lg" maw={1600} mx="auto">
      <Group justify="space-between" gap="sm">
        <Title order={1} size="h2">
          {title}
        </Title>
        {aside}
      </Group>
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
