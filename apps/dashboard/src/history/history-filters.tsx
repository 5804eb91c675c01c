import { Button, Group, Select, TextInput } from '@mantine/core';
import { texts } from '../texts/en';
import { filterOf, type HistoryFilter, OUTCOMES } from './history-filter';

interface HistoryFiltersProps {
  readonly filter: HistoryFilter;
  readonly onChange: (filter: HistoryFilter) => void;
}

const DAYS = ['since', 'until'] as const;
/** The browser writes what a day looks like in the place of one: as quiet as the other fields' placeholders. */
const UNSET = { input: { color: 'var(--mantine-color-dimmed)' } };

/** Who, what, what came of it, and when. */
export function HistoryFilters({ filter, onChange }: HistoryFiltersProps) {
  const { history } = texts;
  const change = (part: { [Key in keyof HistoryFilter]: HistoryFilter[Key] | undefined }): void => {
    onChange(filterOf({ ...filter, ...part }));
  };
  return (
    <Group gap="sm" align="end">
      <TextInput
        label={history.actor}
        placeholder={history.any}
        value={filter.actor ?? ''}
        maxLength={256}
        onChange={(event) => {
          change({ actor: event.currentTarget.value });
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
      {DAYS.map((day) => (
        <TextInput
          key={day}
          type="date"
          label={history[day]}
          {...(filter[day] === undefined ? { styles: UNSET } : {})}
          value={filter[day] ?? ''}
          onChange={(event) => {
            change({ [day]: event.currentTarget.value });
          }}
        />
      ))}
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
