import {
  Badge,
  Button,
  Group,
  type MantineColor,
  Paper,
  Skeleton,
  Stack,
  Switch,
  Table,
  Text,
  TextInput,
} from '@mantine/core';
import { BanIcon, CircleCheckIcon, ClockAlertIcon, ClockIcon, type LucideIcon } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { tokensQuery } from '../api/queries';
import type { Token } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { TimeAgo } from '../components/time-ago';
import { useNow } from '../components/use-now';
import { formatExact } from '../format';
import { EmptyState } from '../layout/page';
import { texts } from '../texts/en';
import { RevokeDialog } from './revoke-dialog';
import { isUsable, type TokenState, tokenState } from './token-state';

const TOKENS_A_PAGE = 50;

/** Every token that lets somebody in; the others where they are asked for. */
export function Tokens() {
  const { data: tokens, error, refetch } = useQuery(tokensQuery);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const [text, setText] = useState('');
  const [showEnded, setShowEnded] = useState(false);
  const [limit, setLimit] = useState(TOKENS_A_PAGE);
  const now = useNow();
  if (error !== null && tokens === undefined)
    return <ProblemNotice title={texts.access.failed} error={error} onRetry={() => void refetch()} />;
  if (tokens === undefined) return <Skeleton h={200} role="status" aria-busy aria-label={texts.loading} />;
  if (tokens.length === 0) return <EmptyState>{texts.access.none}</EmptyState>;
  const usable = tokens.filter((token) => isUsable(tokenState(token, now)));
  const found = (showEnded ? tokens : usable).filter(({ name }) =>
    name.toLowerCase().includes(text.trim().toLowerCase()),
  );
  return (
    <Paper withBorder p="md">
      {error !== null && <ProblemNotice title={texts.access.failed} error={error} onRetry={() => void refetch()} />}
      <Group gap="md" mb="sm">
        <TextInput
          size="xs"
          aria-label={texts.access.filter}
          placeholder={texts.access.filter}
          value={text}
          onChange={({ currentTarget: { value } }) => {
            setText(value);
          }}
        />
        <Switch
          size="xs"
          label={texts.access.showEnded}
          checked={showEnded}
          onChange={({ currentTarget: { checked } }) => {
            setShowEnded(checked);
          }}
        />
        <Text size="sm" c="dimmed">
          {texts.access.count(usable.length, tokens.length)}
        </Text>
      </Group>
      {found.length === 0 ? (
        <EmptyState>{texts.access.noneFound}</EmptyState>
      ) : (
        <TokenTable tokens={found.slice(0, limit)} now={now} onRevoke={setRevoking} />
      )}
      {found.length > limit && (
        <Button
          mt="sm"
          variant="default"
          onClick={() => {
            setLimit(limit + TOKENS_A_PAGE);
          }}
        >
          {texts.more}
        </Button>
      )}
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

interface TokenTableProps {
  readonly tokens: readonly Token[];
  readonly now: Date;
  readonly onRevoke: (token: Token) => void;
}

function TokenTable({ tokens, now, onRevoke }: TokenTableProps) {
  const { access } = texts;
  return (
    <Table.ScrollContainer minWidth={820} type="native" tabIndex={0} role="group" aria-label={access.title}>
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            {[access.name, access.status, access.scopes, access.lastUsed, access.expires, access.created].map(
              (head) => (
                <Table.Th key={head}>{head}</Table.Th>
              ),
            )}
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} state={tokenState(token, now)} onRevoke={onRevoke} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface TokenRowProps {
  readonly token: Token;
  readonly state: TokenState;
  readonly onRevoke: (token: Token) => void;
}

function TokenRow({ token, state, onRevoke }: TokenRowProps) {
  const { access } = texts;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={600} maw={320} style={{ overflowWrap: 'anywhere' }}>
        {token.name}
      </Table.Th>
      <Table.Td>
        <StateBadge state={state} />
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {token.scopes.map((scope) => (
            <Badge key={scope} variant="default" tt="none" title={access.scopeHelp[scope]}>
              {scope}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>{token.lastUsedAt === null ? access.neverUsed : <TimeAgo at={token.lastUsedAt} />}</Table.Td>
      <Table.Td>{token.expiresAt === null ? access.never : formatExact(new Date(token.expiresAt))}</Table.Td>
      <Table.Td maw={220} style={{ overflowWrap: 'anywhere' }}>
        <Stack gap={0}>
          <div>
            <TimeAgo at={token.createdAt} />
          </div>
          <Text size="xs" c="dimmed">
            {token.createdBy}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td ta="right">
        {isUsable(state) && (
          <Button
            size="xs"
            variant="default"
            aria-label={access.revoke(token.name)}
            onClick={() => {
              onRevoke(token);
            }}
          >
            {access.revokeShort}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

const LOOKS: Record<TokenState, { readonly color: MantineColor; readonly icon: LucideIcon }> = {
  usable: { color: 'green', icon: CircleCheckIcon },
  soon: { color: 'orange', icon: ClockIcon },
  expired: { color: 'gray', icon: ClockAlertIcon },
  revoked: { color: 'gray', icon: BanIcon },
};

function StateBadge({ state }: { readonly state: TokenState }) {
  const { color, icon: Icon } = LOOKS[state];
  return (
    <Badge color={color} variant="light" autoContrast tt="none" leftSection={<Icon size={14} aria-hidden />}>
      {texts.access[state]}
    </Badge>
  );
}
