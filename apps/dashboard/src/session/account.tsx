import { ActionIcon, Button, Group, Text } from '@mantine/core';
import { LogOutIcon } from 'lucide-react';
import type { Session } from '../api/types';
import { texts } from '../texts/en';
import { isEverybody, strongestScope, useSignOut } from './use-session';

/** Who is signed in and what that allows; or that nobody needs to be. */
export function Account({ session }: { readonly session: Session }) {
  const signOut = useSignOut();
  if (isEverybody(session)) {
    return (
      <Text size="sm" c="dimmed" visibleFrom="xs">
        {texts.session.everybody}
      </Text>
    );
  }
  const scope = strongestScope(session);
  const leave = (): void => {
    signOut.mutate();
  };
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" visibleFrom="xs" truncate maw={260}>
        {session.actor}
        {scope === undefined ? '' : ` · ${texts.session.scopes[scope]}`}
      </Text>
      <Button
        variant="default"
        size="xs"
        visibleFrom="xs"
        leftSection={<LogOutIcon size={16} aria-hidden />}
        loading={signOut.isPending}
        onClick={leave}
      >
        {texts.session.signOut}
      </Button>
      <ActionIcon
        variant="default"
        size="lg"
        hiddenFrom="xs"
        aria-label={`${texts.session.signOut}: ${session.actor}`}
        loading={signOut.isPending}
        onClick={leave}
      >
        <LogOutIcon size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
