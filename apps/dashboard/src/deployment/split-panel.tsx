import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../api/changes';
import type { Deployment } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { formatSplit } from '../format';
import { texts } from '../texts/en';
import type { DialogRequest } from './change-dialog';
import { SplitEditor } from './split-editor';
import type { Possibility } from './what-can-be-done';

interface SplitPanelProps {
  readonly deployment: Deployment;
  readonly possibility: Possibility;
  readonly onAsk: (change: DialogRequest['change']) => void;
}

const words = (share: number): string => texts.split.words(formatSplit(share), formatSplit(1 - share));

/** The split, and the way back from the last change of it. */
export function SplitPanel({ deployment, possibility, onAsk }: SplitPanelProps) {
  const { canaryProbability } = deployment.actual;
  const undo = useChange();
  // What the split was before it changed while somebody looked.
  const [seen, setSeen] = useState({ now: canaryProbability, before: null as number | null });
  if (seen.now !== canaryProbability) setSeen({ now: canaryProbability, before: seen.now });
  const { before } = seen;
  return (
    <Paper withBorder p="md" component="section" aria-label={texts.split.title}>
      <Title order={2} size="h5" mb="sm">
        {texts.split.title}
      </Title>
      <Stack gap="sm">
        <SplitEditor
          canaryProbability={canaryProbability}
          possibility={possibility}
          onApply={(share) => {
            onAsk({ kind: 'set-split', canaryProbability: share });
          }}
        />
        {before !== null && possibility.possible && (
          <Group gap="sm" role="status">
            <Text size="sm">{texts.split.changed(words(canaryProbability))}</Text>
            <Button
              size="compact-sm"
              variant="default"
              loading={undo.isPending}
              onClick={() => {
                undo.mutate({
                  change: { kind: 'set-split', canaryProbability: before },
                  reason: texts.split.undone,
                  seen: deployment,
                });
              }}
            >
              {texts.split.undo(words(before))}
            </Button>
          </Group>
        )}
        {undo.error !== null && <ProblemNotice title={texts.split.title} error={undo.error} />}
      </Stack>
    </Paper>
  );
}
