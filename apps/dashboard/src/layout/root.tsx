import { Center, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Activity } from 'react';
import { sessionQuery } from '../api/queries';
import type { Session } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { LiveUpdates } from '../live/live-updates';
import { StaleBar } from '../live/stale-bar';
import { Account } from '../session/account';
import { MayNotLookPage } from '../session/may-not-look-page';
import { SignInPage } from '../session/sign-in-page';
import { useEnded } from '../session/use-session';
import { texts } from '../texts/en';
import { Shell } from './shell';

/** The frame with its page, once it is known who looks; the address stays as it is while somebody signs in. */
export function Root() {
  const { data: session, error, refetch } = useQuery(sessionQuery);
  const ended = useEnded(session);
  if (session !== undefined) {
    return (
      <>
        {session === null && <SignInPage ended={ended} />}
        <Screen session={session ?? ended} isHidden={session === null} />
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

interface ScreenProps {
  readonly session: Session | null;
  readonly isHidden: boolean;
}

/**
 * What somebody sees who is signed in. While one whose session ended signs in again it is kept out of sight, with whatever was typed
 * there; whoever comes in their place gets a new one.
 */
function Screen({ session, isHidden }: ScreenProps) {
  if (session === null) return null;
  if (!session.scopes.includes('view')) return isHidden ? null : <MayNotLookPage session={session} />;
  return (
    <Activity key={session.actor} mode={isHidden ? 'hidden' : 'visible'}>
      <LiveUpdates />
      <Shell account={<Account session={session} />} banner={<StaleBar />} />
    </Activity>
  );
}
