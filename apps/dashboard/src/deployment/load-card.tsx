import { Button, Group, Progress, Stack, Text, type TextProps } from '@mantine/core';
import { CircleCheckIcon, CircleDashedIcon, CircleXIcon, LoaderIcon, type LucideIcon } from 'lucide-react';
import { useCancelChange } from '../api/changes';
import type { Change } from '../api/types';
import { ProblemNotice } from '../components/problem-notice';
import { StatusBadge } from '../components/status-badge';
import { useSeconds } from '../components/use-now';
import { formatBytes, formatDuration } from '../format';
import { texts } from '../texts/en';
import { type LoadStep, loadSteps } from './load-steps';
import { SlotFrame } from './slot-card';

interface LoadCardProps {
  readonly deployment: string;
  readonly change: Change;
  readonly mayOperate: boolean;
  readonly onRetry: (modelUri: string) => void;
  readonly onDismiss: () => void;
}

const ICONS: Record<LoadStep['state'], LucideIcon> = {
  done: CircleCheckIcon,
  running: LoaderIcon,
  todo: CircleDashedIcon,
  failed: CircleXIcon,
};

/** A load in the place of the slot that it fills: how far it is, or where and why it ended. */
export function LoadCard({ deployment, change, mayOperate, onRetry, onDismiss }: LoadCardProps) {
  const cancel = useCancelChange(deployment);
  const now = useSeconds();
  const uri = change.modelUri ?? texts.why.aVersion;
  const running = change.state === 'running';
  const title = {
    running: texts.load.title,
    failed: texts.load.failed,
    cancelled: texts.load.cancelled,
    done: texts.load.title,
  };
  const failedStep = texts.load.steps[change.step as keyof typeof texts.load.steps];
  return (
    <SlotFrame slot="next" aside={<StatusBadge health={running ? 'loading' : 'failed'} />}>
      <Text fw={650}>{title[change.state](uri)}</Text>
      <Stack gap={6} component="ol" m={0} p={0} aria-live="polite">
        {loadSteps(change).map((step) => (
          <StepLine key={step.name} step={step} />
        ))}
      </Stack>
      {running && change.totalBytes !== null && (
        <Progress
          value={(100 * change.bytes) / Math.max(1, change.totalBytes)}
          aria-label={texts.load.bytes(formatBytes(change.bytes), formatBytes(change.totalBytes))}
        />
      )}
      {running ? (
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {texts.load.soFar(formatDuration(Math.max(0, now.getTime() - new Date(change.startedAt).getTime())))}
          </Text>
          <Button
            size="xs"
            variant="default"
            disabled={!mayOperate}
            loading={cancel.isPending}
            onClick={() => {
              cancel.mutate(change.id);
            }}
          >
            {texts.load.cancel}
          </Button>
        </Group>
      ) : (
        <>
          <Text size="sm">{change.problem?.detail}</Text>
          <Text size="sm" c="dimmed">
            {texts.load.atStep(failedStep)}
          </Text>
          <Group>
            <Button
              size="xs"
              disabled={!mayOperate || change.modelUri === null}
              onClick={() => {
                onRetry(uri);
              }}
            >
              {texts.load.again}
            </Button>
            <Button size="xs" variant="default" onClick={onDismiss}>
              {texts.dismiss}
            </Button>
          </Group>
        </>
      )}
      {cancel.error !== null && <ProblemNotice title={texts.load.cancel} error={cancel.error} />}
    </SlotFrame>
  );
}

const LOOKS: Record<LoadStep['state'], TextProps> = {
  done: {},
  running: { fw: 650 },
  todo: { c: 'dimmed' },
  failed: { c: 'red', fw: 650 },
};

function StepLine({ step }: { readonly step: LoadStep }) {
  const Icon = ICONS[step.state];
  return (
    <Group component="li" gap="xs" wrap="nowrap" style={{ listStyle: 'none' }}>
      <Icon size={16} aria-hidden />
      <Text size="sm" {...LOOKS[step.state]}>
        {texts.load.steps[step.name]}
      </Text>
      <Text size="xs" c="dimmed" ml="auto">
        {step.ms === null || step.state === 'failed' ? texts.load.state[step.state] : formatDuration(step.ms)}
        {step.bytes !== null && ` · ${texts.load.bytes(formatBytes(step.bytes.done), formatBytes(step.bytes.total))}`}
      </Text>
    </Group>
  );
}
