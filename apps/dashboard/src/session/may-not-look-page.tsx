import { Center, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { Session } from '../api/types';
import { Mark } from '../layout/mark';
import { texts } from '../texts/en';
import { Account } from './account';

/** For somebody whose token is for predictions only: what is needed here, and who can give it. */
export function MayNotLookPage({ session }: { readonly session: Session }) {
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder p="xl" maw={440} w="100%">
        <Stack>
          <Group gap="xs">
            <Mark />
            <Title order={1} size="h3">
              {texts.session.mayNotLookTitle}
            </Title>
          </Group>
          <Text size="sm">{texts.session.mayNotLook(session.actor)}</Text>
          <Group justify="space-between">
            <Account session={session} />
          </Group>
        </Stack>
      </Paper>
    </Center>
  );
}
