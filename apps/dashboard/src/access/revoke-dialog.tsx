import { Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../api/client';
import type { Token } from '../api/types';
import { ConfirmDialog } from '../components/confirm-dialog';
import { texts } from '../texts/en';
import { reasonHeader } from './reason-header';

/** Asks before a token is revoked, which cannot be taken back. */
export function RevokeDialog({ token, onClose }: { readonly token: Token; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: (reason: string) =>
      dataOf(
        api.DELETE('/tokens/{id}', {
          params: { path: { id: token.id } },
          headers: reasonHeader(reason),
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
