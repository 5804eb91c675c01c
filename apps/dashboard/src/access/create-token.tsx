import { Button, Checkbox, Code, CopyButton, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../api/client';
import type { Scope } from '../api/types';
import { ConfirmDialog } from '../components/confirm-dialog';
import { useReturnFocus } from '../components/use-return-focus';
import { texts } from '../texts/en';

const SCOPES: readonly Scope[] = ['predict', 'view', 'operate', 'administer'];
const DAYS = [7, 30, 90, 365] as const;
const DAY_MS = 86_400_000;
const NEVER = 'never';

/** A new token, and afterwards the token itself, once. */
export function CreateToken({ onClose }: { readonly onClose: () => void }) {
  useReturnFocus();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['predict']);
  const [days, setDays] = useState('90');
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: (reason: string) =>
      dataOf(
        api.POST('/tokens', {
          body: {
            name: name.trim(),
            scopes: [...scopes],
            expiresAt: days === NEVER ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
            ...(reason === '' ? {} : { reason }),
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  });
  if (create.data !== undefined) return <ShownOnce token={create.data.token} name={name} onClose={onClose} />;
  return (
    <ConfirmDialog
      opened
      title={texts.access.create}
      action={texts.access.make}
      ready={name.trim() !== '' && scopes.length > 0}
      pending={create.isPending}
      error={create.error}
      onClose={onClose}
      onConfirm={(reason) => {
        create.mutate(reason);
      }}
    >
      <TextInput
        label={texts.access.name}
        description={texts.access.nameHelp}
        required
        value={name}
        maxLength={100}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <Checkbox.Group
        label={texts.access.scopes}
        value={[...scopes]}
        onChange={(chosen) => {
          setScopes(SCOPES.filter((scope) => chosen.includes(scope)));
        }}
      >
        <Stack gap="xs" mt="xs">
          {SCOPES.map((scope) => (
            <Checkbox key={scope} value={scope} label={scope} description={texts.access.scopeHelp[scope]} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Select
        label={texts.access.days}
        data={[
          ...DAYS.map((count) => ({ value: String(count), label: texts.access.dayCount(count) })),
          { value: NEVER, label: texts.access.never },
        ]}
        value={days}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        onChange={(value) => {
          setDays(value ?? NEVER);
        }}
      />
    </ConfirmDialog>
  );
}

interface ShownOnceProps {
  readonly token: string;
  readonly name: string;
  readonly onClose: () => void;
}

function ShownOnce({ token, name, onClose }: ShownOnceProps) {
  return (
    <Modal opened onClose={onClose} title={name} centered closeOnClickOutside={false} withCloseButton={false}>
      <Stack>
        <Text size="sm" fw={600}>
          {texts.access.shownOnce}
        </Text>
        <Text size="sm">{texts.access.keepIt}</Text>
        <Code block data-testid="token" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {token}
        </Code>
        <Text size="xs" c="dimmed">
          {texts.access.useIt}
        </Text>
        <Group justify="flex-end">
          <CopyButton value={token}>
            {({ copied, copy }) => (
              <Button variant="default" data-autofocus onClick={copy}>
                {copied ? texts.copied : texts.copy}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>{texts.access.done}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
