import { Button, Group, Select, TextInput } from '@mantine/core';
import type { EventFilter } from '../api/queries';
import { texts } from '../texts/en';

interface HistoryFiltersProps {
  readonly filter: EventFilter;
  readonly onChange: (filter: EventFilter) => void;
}

const OUTCOMES = ['done', 'refused', 'failed'] as const;

/** Who, what, and what came of it. */
export function HistoryFilters({ filter, onChange }: HistoryFiltersProps) {
  const { history } = texts;
  const change = (part: { [Key in keyof EventFilter]: EventFilter[Key] | undefined }): void => {
    const next = Object.entries({ ...filter, ...part }).filter(([, value]) => value !== undefined);
    onChange(Object.fromEntries(next));
  };
  return (
    <Group gap="sm" align="end">
      <TextInput
        label={history.actor}
        placeholder={history.any}
        value={filter.actor ?? ''}
        maxLength={256}
        onChange={(event) => {
          change({ actor: event.currentTarget.value === '' ? undefined : event.currentTarget.value });
        }}
      />
      <Select
        label={history.action}
        placeholder={history.any}
        clearable
        clearButtonProps={{ 'aria-label': history.any }}
        data={Object.entries(history.kinds).map(([value, label]) => ({ value, label }))}
        value={filter.action ?? null}
        onChange={(value) => {
          change({ action: value ?? undefined });
        }}
      />
      <Select
        label={history.outcome}
        placeholder={history.any}
        clearable
        clearButtonProps={{ 'aria-label': history.any }}
        data={OUTCOMES.map((value) => ({ value, label: history.outcomes[value] }))}
        value={filter.outcome ?? null}
        onChange={(value) => {
          change({ outcome: OUTCOMES.find((outcome) => outcome === value) });
        }}
      />
      {Object.keys(filter).length > 0 && (
        <Button
          variant="subtle"
          onClick={() => {
            onChange({});
          }}
        >
          {history.clearFilter}
        </Button>
      )}
    </Group>
  );
}
