import { TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../api/client';
import { ConfirmDialog } from '../components/confirm-dialog';
import { texts } from '../texts/en';

/** A further deployment, with the version that its current holds. */
export function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [uri, setUri] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: (reason: string) =>
      dataOf(
        api.PUT('/deployments/{deployment}', {
          params: { path: { deployment: name.trim() }, header: { 'If-None-Match': '*' } },
          body: { current: uri.trim(), ...(reason === '' ? {} : { reason }) },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['deployments'] });
      await navigate({ to: '/deployments/$name', params: { name: name.trim() } });
    },
  });
  return (
    <ConfirmDialog
      opened
      title={texts.create.title}
      action={texts.create.action(name.trim())}
      ready={name.trim() !== '' && uri.trim() !== ''}
      pending={create.isPending}
      error={create.error}
      onClose={onClose}
      onConfirm={(reason) => {
        create.mutate(reason);
      }}
    >
      <TextInput
        label={texts.create.name}
        description={texts.create.nameHelp}
        required
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <TextInput
        label={texts.create.uri}
        description={texts.create.uriHelp}
        required
        value={uri}
        onChange={(event) => {
          setUri(event.currentTarget.value);
        }}
      />
    </ConfirmDialog>
  );
}
