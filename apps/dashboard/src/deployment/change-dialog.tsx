import { Autocomplete, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type ChangeRequest, useChange } from '../api/changes';
import { versionsQuery } from '../api/queries';
import type { Deployment, Slot } from '../api/types';
import { ConfirmDialog } from '../components/confirm-dialog';
import { formatSplit } from '../format';
import { texts } from '../texts/en';
import { versionName } from './version-name';

export interface DialogRequest {
  readonly change: ChangeRequest;
  /** As it was on screen when the button was pressed. */
  readonly deployment: Deployment;
}

interface ChangeDialogProps {
  readonly request: DialogRequest;
  /** It was asked for. */
  readonly onClose: () => void;
  /** It was left without asking, where that is not the same. */
  readonly onCancel?: () => void;
}

/** Every change is confirmed here: what is done to which deployment, from which version to which, and what it does to the split. */
export function ChangeDialog({ request, onClose, onCancel = onClose }: ChangeDialogProps) {
  const { change, deployment } = request;
  const [modelUri, setModelUri] = useState(change.kind === 'load-next' ? change.modelUri : '');
  const changing = useChange();
  const decided: ChangeRequest = change.kind === 'load-next' ? { ...change, modelUri: modelUri.trim() } : change;
  const { title, action, rows, effect, dangerous } = describe(decided, deployment);
  return (
    <ConfirmDialog
      opened
      title={title}
      action={action}
      dangerous={dangerous}
      ready={decided.kind !== 'load-next' || decided.modelUri !== ''}
      pending={changing.isPending}
      error={changing.error}
      onClose={onCancel}
      onConfirm={(reason) => {
        changing.mutate({ change: decided, reason, seen: deployment }, { onSuccess: onClose });
      }}
    >
      {change.kind === 'load-next' && (
        <UriField
          model={(deployment.actual.next ?? deployment.actual.current)?.name ?? null}
          value={modelUri}
          onChange={setModelUri}
        />
      )}
      <Table withRowBorders={false} layout="fixed">
        <Table.Tbody>
          {[[texts.confirm.deployment, deployment.name] as const, ...rows].map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w="9rem" fw={400} c="dimmed" px={0} py={2} scope="row">
                {name}
              </Table.Th>
              <Table.Td px={0} py={2} fw={600} style={{ overflowWrap: 'anywhere' }}>
                {value}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm">{effect}</Text>
    </ConfirmDialog>
  );
}

interface UriFieldProps {
  readonly model: string | null;
  readonly value: string;
  readonly onChange: (uri: string) => void;
}

function UriField({ model, value, onChange }: UriFieldProps) {
  const { data } = useInfiniteQuery({ ...versionsQuery(model ?? ''), enabled: model !== null });
  const uris = data?.pages.flatMap(({ versions }) => versions.filter(({ servable }) => servable).map(({ uri }) => uri));
  return (
    <Autocomplete
      label={texts.confirm.load.uri}
      description={texts.confirm.load.uriHelp}
      data={[...new Set(uris ?? [])]}
      value={value}
      limit={20}
      onChange={onChange}
      comboboxProps={{ withinPortal: false }}
      required
    />
  );
}

interface Description {
  readonly title: string;
  readonly action: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
  readonly effect: string;
  readonly dangerous: boolean;
}

const words = (share: number): string => texts.split.words(formatSplit(share), formatSplit(1 - share));
const nameOf = (held: Slot | null): string => (held === null ? texts.confirm.load.nothing : versionName(held));

function describe(change: ChangeRequest, { name, actual }: Deployment): Description {
  const { confirm } = texts;
  const { current, next, previous, canaryProbability } = actual;
  switch (change.kind) {
    case 'promote':
      return {
        title: confirm.promote.title(name),
        action: confirm.promote.action(nameOf(next)),
        rows: [
          [confirm.from, nameOf(current)],
          [confirm.to, nameOf(next)],
          [confirm.splitLabel, confirm.splitStays(words(canaryProbability))],
        ],
        effect: confirm.promote.effect,
        dangerous: false,
      };
    case 'roll-back':
      return {
        title: confirm.rollBack.title(name),
        action: confirm.rollBack.action(nameOf(previous)),
        rows: [
          [confirm.from, nameOf(current)],
          [confirm.to, nameOf(previous)],
          [confirm.splitLabel, confirm.rollBack.split],
        ],
        effect: confirm.rollBack.effect,
        dangerous: true,
      };
    case 'set-split':
      return {
        title: confirm.split.title(name),
        action: confirm.split.action(words(change.canaryProbability)),
        rows: [
          [confirm.split.from, words(canaryProbability)],
          [confirm.split.to, words(change.canaryProbability)],
        ],
        effect: `${texts.slots.current}: ${nameOf(current)} · ${texts.slots.next}: ${nameOf(next)}`,
        dangerous: false,
      };
    case 'unload-next':
      return {
        title: confirm.unload.title(name),
        action: confirm.unload.action(nameOf(next)),
        rows: [[confirm.next, nameOf(next)]],
        effect: confirm.unload.effect,
        dangerous: false,
      };
    case 'load-next':
      return {
        title: confirm.load.title(name),
        action: confirm.load.action(change.modelUri),
        rows: [
          [confirm.load.replaces, nameOf(next)],
          [confirm.splitLabel, confirm.splitStays(words(canaryProbability))],
        ],
        effect: confirm.load.effect,
        dangerous: false,
      };
    case 'restore':
      return {
        title: confirm.restore.title(name, change.generation),
        action: confirm.restore.action(change.generation),
        rows: [[confirm.from, nameOf(current)]],
        effect: confirm.restore.effect,
        dangerous: false,
      };
  }
}
