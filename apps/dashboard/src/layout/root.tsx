import { Center, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries';
import { ProblemNotice } from '../components/problem-notice';
import { LiveUpdates } from '../live/live-updates';
import { StaleBar } from '../live/stale-bar';
import { Account } from '../session/account';
import { MayNotLookPage } from '../session/may-not-look-page';
import { SignInPage } from '../session/sign-in-page';
import { useHasEnded } from '../session/use-session';
import { texts } from '../texts/en';
import { Shell } from './shell';

/** The frame with its page, once it is known who looks; the address stays as it is while somebody signs in. */
export function Root() {
  const { data: session, error, refetch } = useQuery(sessionQuery);
  const hasEnded = useHasEnded(session);
  if (session === null) return <SignInPage hasEnded={hasEnded} />;
  if (session !== undefined) {
    if (!session.scopes.includes('view')) return <MayNotLookPage session={session} />;
    return (
      <>
        <LiveUpdates />
        <Shell account={<Account session={session} />} banner={<StaleBar />} />
      </>
    );
  }
  if (error !== null) {
    return (
      <Center component="main" mih="100dvh" p="md">
        <ProblemNotice title={texts.session.unreachable} error={error} onRetry={() => void refetch()} />
      </Center>
    );
  }
  return (
    <Stack component="main" p="lg" aria-busy aria-label={texts.loading}>
      <Skeleton h={40} />
      <Skeleton h={220} />
    </Stack>
  );
}
