import { Button, Checkbox, Popover, ScrollArea, Stack, Text } from '@mantine/core';
import { Columns3Icon } from 'lucide-react';
import { texts } from '../texts/en';
import { type ColumnId, nameOfColumn } from './sorting';

interface ColumnChoiceProps {
  readonly available: readonly ColumnId[];
  readonly chosen: readonly ColumnId[];
  readonly onChange: (chosen: readonly ColumnId[]) => void;
}

const KINDS = ['metric', 'param', 'tag'] as const;

/** Which metrics, params and tags stand as columns. */
export function ColumnChoice({ available, chosen, onChange }: ColumnChoiceProps) {
  return (
    <Popover position="bottom-end" withArrow trapFocus returnFocus>
      <Popover.Target>
        <Button size="xs" variant="default" leftSection={<Columns3Icon size={16} aria-hidden />}>
          {texts.registry.columnChoice}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={texts.registry.columnChoice}>
        <ScrollArea.Autosize mah={360} maw={280} type="auto" viewportProps={{ tabIndex: 0 }}>
          {available.length === 0 && <Text size="sm">{texts.registry.noColumns}</Text>}
          <Checkbox.Group
            value={[...chosen]}
            onChange={(ids) => {
              onChange(available.filter((column) => ids.includes(column)));
            }}
          >
            <Stack gap="md">
              {KINDS.map((kind) => {
                const columns = available.filter((column) => column.startsWith(`${kind}:`));
                return columns.length === 0 ? null : (
                  <Stack key={kind} gap={6} role="group" aria-label={texts.registry.columnKinds[kind]}>
                    <Text size="xs" c="dimmed" fw={600}>
                      {texts.registry.columnKinds[kind]}
                    </Text>
                    {columns.map((column) => (
                      <Checkbox key={column} size="xs" value={column} label={nameOfColumn(column)} />
                    ))}
                  </Stack>
                );
              })}
            </Stack>
          </Checkbox.Group>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
