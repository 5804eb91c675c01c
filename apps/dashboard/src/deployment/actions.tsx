import { Button, Paper, Stack, Text, Title } from '@mantine/core';
import { ArrowBigUpDashIcon, DownloadIcon, EjectIcon, Undo2Icon, type LucideIcon } from 'lucide-react';
import type { Deployment } from '../api/types';
import { texts } from '../texts/en';
import type { DialogRequest } from './change-dialog';
import { versionName } from './version-name';
import type { Action, Possibility } from './what-can-be-done';

interface ActionsProps {
  readonly deployment: Deployment;
  readonly possible: Record<Action, Possibility>;
  readonly onAsk: (change: DialogRequest['change']) => void;
}

/** Everything that can be pressed, and beside what cannot be: why. */
export function Actions({ deployment, possible, onAsk }: ActionsProps) {
  const { next, previous } = deployment.actual;
  return (
    <Paper withBorder p="md" component="section" aria-label={texts.deployment.actions}>
      <Title order={2} size="h5" mb="sm">
        {texts.deployment.actions}
      </Title>
      <Stack gap="xs">
        <ActionLine
          icon={Undo2Icon}
          label={previous === null ? texts.actions.rollBackPlain : texts.actions.rollBack(versionName(previous))}
          possibility={possible['roll-back']}
          color="red"
          onClick={() => {
            onAsk({ kind: 'roll-back' });
          }}
        />
        <ActionLine
          icon={ArrowBigUpDashIcon}
          label={next === null ? texts.actions.promotePlain : texts.actions.promote(versionName(next))}
          possibility={possible.promote}
          variant="filled"
          onClick={() => {
            onAsk({ kind: 'promote' });
          }}
        />
        <ActionLine
          icon={DownloadIcon}
          label={texts.actions.loadNext}
          possibility={possible['load-next']}
          onClick={() => {
            onAsk({ kind: 'load-next', modelUri: '' });
          }}
        />
        <ActionLine
          icon={EjectIcon}
          label={texts.actions.unload}
          possibility={possible['unload-next']}
          onClick={() => {
            onAsk({ kind: 'unload-next' });
          }}
        />
      </Stack>
    </Paper>
  );
}

interface ActionLineProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly possibility: Possibility;
  readonly variant?: string;
  readonly color?: string;
  readonly onClick: () => void;
}

function ActionLine({ icon: Icon, label, possibility, variant = 'default', color, onClick }: ActionLineProps) {
  return (
    <div>
      <Button
        fullWidth
        justify="flex-start"
        variant={color === undefined ? variant : 'outline'}
        {...(color === undefined ? {} : { color })}
        disabled={!possibility.possible}
        leftSection={<Icon size={18} aria-hidden />}
        onClick={onClick}
      >
        {label}
      </Button>
      {!possibility.possible && (
        <Text size="xs" c="dimmed" mt={2}>
          {possibility.why}
        </Text>
      )}
    </div>
  );
}
