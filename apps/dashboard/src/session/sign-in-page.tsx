import { Alert, Button, Center, Group, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { TimerOffIcon } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import type { Session } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { Mark } from '../layout/mark';
import { texts } from '../texts/en';
import { useSignIn } from './use-session';

interface SignInPageProps {
  /** Whose session ended; null where somebody comes in for the first time, or after having left. */
  readonly ended: Session | null;
}

/** Asks for a token, and says where one comes from. */
export function SignInPage({ ended }: SignInPageProps) {
  const [token, setToken] = useState('');
  const signIn = useSignIn(ended);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    signIn.mutate(token.trim());
  };
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder p="xl" maw={440} w="100%">
        <Stack component="form" onSubmit={submit}>
          <Group gap="xs">
            <Mark />
            <Title order={1} size="h3">
              {texts.product}
            </Title>
          </Group>
          {ended !== null && (
            <Alert role="alert" color="orange" icon={<TimerOffIcon aria-hidden />} title={texts.session.endedTitle}>
              <Text size="sm">{texts.session.ended}</Text>
            </Alert>
          )}
          <Text size="sm">{texts.session.explain}</Text>
          <PasswordInput
            label={texts.session.token}
            autoComplete="current-password"
            autoFocus
            required
            value={token}
            onChange={(event) => {
              setToken(event.currentTarget.value);
            }}
          />
          {signIn.error !== null && <ProblemNotice title={texts.session.title} error={signIn.error} />}
          <Button type="submit" loading={signIn.isPending} disabled={token.trim() === ''}>
            {texts.session.signIn}
          </Button>
          <div>
            <Title order={2} size="sm">
              {texts.session.withoutTitle}
            </Title>
            <Text size="sm" c="dimmed">
              {texts.session.without}
            </Text>
            <Text size="sm" c="dimmed" mt="xs">
              {texts.session.first}
            </Text>
          </div>
        </Stack>
      </Paper>
    </Center>
  );
}
