import { Alert, Badge, Button, Group, Paper, Skeleton, Table, Text } from '@mantine/core';
import { IconInfoCircle, IconLock, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../api/client';
import { sessionQuery, tokensQuery } from '../api/queries';
import type { Token } from '../api/types';
import { ConfirmDialog } from '../components/confirm-dialog';
import { ProblemNotice } from '../components/problem-notice';
import { TimeAgo } from '../components/time-ago';
import { useNow } from '../components/use-now';
import { formatExact } from '../format';
import { EmptyState, Page } from '../layout/page';
import { isEverybody, useMay } from '../session/use-session';
import { texts } from '../texts/en';
import { CreateToken } from './create-token';

/** Who may come in, and what each may do. */
export function AccessPage() {
  const mayAdminister = useMay('administer');
  const { data: session } = useQuery(sessionQuery);
  const [creating, setCreating] = useState(false);
  if (!mayAdminister) {
    return (
      <Page title={texts.access.title}>
        <Alert color="gray" icon={<IconLock aria-hidden />}>
          {texts.access.mayNot}
        </Alert>
      </Page>
    );
  }
  const create = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => {
        setCreating(true);
      }}
    >
      {texts.access.create}
    </Button>
  );
  return (
    <Page title={texts.access.title} aside={create}>
      <Text>{texts.access.explain}</Text>
      {session != null && isEverybody(session) && (
        <Alert color="blue" icon={<IconInfoCircle aria-hidden />}>
          <Text size="sm">{texts.access.open}</Text>
        </Alert>
      )}
      <Tokens />
      {creating && (
        <CreateToken
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
    </Page>
  );
}

function Tokens() {
  const { data: tokens, error, refetch } = useQuery(tokensQuery);
  const [revoking, setRevoking] = useState<Token | null>(null);
  if (error !== null && tokens === undefined)
    return <ProblemNotice title={texts.access.failed} error={error} onRetry={() => void refetch()} />;
  if (tokens === undefined) return <Skeleton h={200} role="status" aria-busy aria-label={texts.loading} />;
  if (tokens.length === 0) return <EmptyState>{texts.access.none}</EmptyState>;
  return (
    <Paper withBorder p="md">
      <Table.ScrollContainer minWidth={720} type="native" tabIndex={0} role="group" aria-label={texts.access.title}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{texts.access.name}</Table.Th>
              <Table.Th>{texts.access.scopes}</Table.Th>
              <Table.Th>{texts.access.lastUsed}</Table.Th>
              <Table.Th>{texts.access.expires}</Table.Th>
              <Table.Th>{texts.access.created}</Table.Th>
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tokens.map((token) => (
              <TokenRow key={token.id} token={token} onRevoke={setRevoking} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {revoking !== null && (
        <RevokeDialog
          token={revoking}
          onClose={() => {
            setRevoking(null);
          }}
        />
      )}
    </Paper>
  );
}

interface TokenRowProps {
  readonly token: Token;
  readonly onRevoke: (token: Token) => void;
}

function TokenRow({ token, onRevoke }: TokenRowProps) {
  const now = useNow();
  const expired = token.expiresAt !== null && new Date(token.expiresAt) <= now;
  return (
    <Table.Tr {...(token.revokedAt === null && !expired ? {} : { c: 'dimmed' })}>
      <Table.Th scope="row" fw={600}>
        {token.name}
      </Table.Th>
      <Table.Td>
        <Group gap={4}>
          {token.scopes.map((scope) => (
            <Badge key={scope} variant="default" tt="none">
              {scope}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>{token.lastUsedAt === null ? texts.access.neverUsed : <TimeAgo at={token.lastUsedAt} />}</Table.Td>
      <Table.Td>{token.expiresAt === null ? texts.access.never : formatExact(new Date(token.expiresAt))}</Table.Td>
      <Table.Td>
        <TimeAgo at={token.createdAt} />
        <Text size="xs" c="dimmed">
          {token.createdBy}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        {token.revokedAt !== null ? (
          texts.access.revoked
        ) : expired ? (
          texts.access.expired
        ) : (
          <Button
            size="xs"
            variant="default"
            aria-label={texts.access.revoke(token.name)}
            onClick={() => {
              onRevoke(token);
            }}
          >
            {texts.access.revokeShort}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function RevokeDialog({ token, onClose }: { readonly token: Token; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: (reason: string) =>
      dataOf(
        api.DELETE('/tokens/{id}', {
          params: { path: { id: token.id } },
          headers: reason === '' ? {} : { 'X-Change-Reason': encodeURIComponent(reason) },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={texts.access.revokeTitle}
      action={texts.access.revoke(token.name)}
      dangerous
      pending={revoke.isPending}
      error={revoke.error}
      onClose={onClose}
      onConfirm={(reason) => {
        revoke.mutate(reason);
      }}
    >
      <Text size="sm">{texts.access.revokeEffect(token.name)}</Text>
    </ConfirmDialog>
  );
}
