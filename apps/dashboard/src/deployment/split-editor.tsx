import { Button, Group, NumberInput, Slider, Stack, Text } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';
import { SplitBar } from '../components/split-bar';
import { formatSplit } from '../format';
import { texts } from '../texts/en';
import type { Possibility } from './what-can-be-done';

const PRESETS = [1, 5, 10, 25, 50, 100] as const;
const COARSE_STEP = 10;

interface SplitEditorProps {
  /** The share that current answers, as it is now. */
  readonly canaryProbability: number;
  readonly possibility: Possibility;
  /** Asks for the change; nothing is applied before a person confirmed it. */
  readonly onApply: (canaryProbability: number) => void;
}

/** Next's share as a slider that only previews, a field for exact values, and the usual steps. */
export function SplitEditor({ canaryProbability, possibility, onApply }: SplitEditorProps) {
  const wanted = toPercent(1 - canaryProbability);
  const [edited, setEdited] = useState<number | null>(null);
  // What was edited stays until it is so: somebody who cancels, or was refused, goes on from there.
  if (edited === wanted) setEdited(null);
  const percent = edited ?? wanted;
  const changed = percent !== wanted;
  const disabled = !possibility.possible;
  const edit = (value: number): void => {
    setEdited(Math.min(100, Math.max(0, toPercent(value / 100))));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = DIRECTIONS[event.key];
    if (!event.shiftKey || direction === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    edit(percent + direction * COARSE_STEP);
  };
  return (
    <Stack gap="xs">
      <SplitBar canaryProbability={1 - percent / 100} />
      {/* Around it: the slider takes the keys of its own element for itself. */}
      <div onKeyDownCapture={onKeyDown}>
        <Slider
          value={percent}
          min={0}
          max={100}
          step={1}
          disabled={disabled}
          label={(value) => `${texts.slots.next} ${formatSplit(value / 100)}`}
          thumbLabel={texts.split.share}
          thumbValueText={(value) => texts.split.words(formatSplit(1 - value / 100), formatSplit(value / 100))}
          onChange={edit}
        />
      </div>
      <Group gap="xs" wrap="wrap">
        <NumberInput
          aria-label={texts.split.share}
          w={104}
          size="xs"
          value={percent}
          min={0}
          max={100}
          decimalScale={1}
          suffix={texts.units.percent('')}
          disabled={disabled}
          onChange={(value) => {
            edit(Number(value));
          }}
        />
        <Button.Group>
          {PRESETS.map((preset) => (
            <Button
              key={preset}
              size="compact-sm"
              variant={percent === preset ? 'light' : 'default'}
              aria-label={texts.split.preset(preset)}
              disabled={disabled}
              onClick={() => {
                edit(preset);
              }}
            >
              {preset}
            </Button>
          ))}
        </Button.Group>
        <Button
          size="compact-sm"
          disabled={disabled || !changed}
          onClick={() => {
            onApply(fromPercent(percent));
          }}
        >
          {texts.apply}
        </Button>
      </Group>
      {changed && (
        <Text size="sm" role="status">
          {texts.split.now(formatSplit(canaryProbability))} · {texts.split.after(formatSplit(1 - percent / 100))}
        </Text>
      )}
      {!possibility.possible && (
        <Text size="sm" c="dimmed">
          {possibility.why}
        </Text>
      )}
    </Stack>
  );
}

const DIRECTIONS: Readonly<Record<string, 1 | -1>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

/** To a tenth of a percent, so that 1 - 0.9 is 10 and not 9.999999999999998. */
const toPercent = (share: number): number => Math.round(share * 1000) / 10;

const fromPercent = (nextPercent: number): number => Math.round((100 - nextPercent) * 10) / 1000;
