import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { ShieldCheckIcon, ShieldXIcon } from 'lucide-react';
import { useMutation } from '@tanstack/react-query';
import { api, dataOf } from '../api/client';
import { ProblemNotice } from '../components/problem-notice';
import { formatCount } from '../format';
import { texts } from '../texts/en';

/** Follows the chain of hashes and says what came of it. It reads every entry, so only where it is asked for. */
export function VerifyChain() {
  const verify = useMutation({ mutationFn: () => dataOf(api.GET('/audit/verify')) });
  return (
    <>
      <Group gap="sm">
        <Button
          size="xs"
          variant="default"
          loading={verify.isPending}
          onClick={() => {
            verify.mutate();
          }}
        >
          {texts.history.verify}
        </Button>
        <Text size="sm" c="dimmed">
          {texts.history.verifyHelp}
        </Text>
      </Group>
      {verify.error !== null && <ProblemNotice title={texts.history.verifyFailed} error={verify.error} />}
      {verify.data !== undefined && <Verdict {...verify.data} />}
    </>
  );
}

interface VerdictProps {
  readonly ok: boolean;
  readonly head?: { readonly sequence: number; readonly hash: string };
  readonly sequence?: number;
  readonly problem?: string;
}

export function Verdict({ ok, head, sequence, problem }: VerdictProps) {
  if (!ok) {
    return (
      <Alert
        role="alert"
        color="red"
        icon={<ShieldXIcon aria-hidden />}
        title={texts.history.broken(String(sequence ?? '?'))}
      >
        <Text size="sm">{problem}</Text>
      </Alert>
    );
  }
  return (
    <Alert
      role="status"
      color="green"
      icon={<ShieldCheckIcon aria-hidden />}
      title={texts.history.verified(formatCount(head?.sequence ?? 0))}
    >
      {head !== undefined && head.sequence > 0 && (
        <Text size="sm">
          {texts.history.verifiedHead}{' '}
          <Code style={{ overflowWrap: 'anywhere' }}>{`${head.sequence} ${head.hash}`}</Code>
        </Text>
      )}
    </Alert>
  );
}
