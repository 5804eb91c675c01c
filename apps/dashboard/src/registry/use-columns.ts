import { useLocalStorage } from '@mantine/hooks';
import type { ColumnId } from './sorting';

/** As many metrics as are shown before the reader chose. */
const FIRST_METRICS = 3;

/** Which columns the reader chose for a model, kept in this browser; the commonest metrics before that. */
export function useColumns(model: string, available: readonly ColumnId[]) {
  const [chosen, setChosen] = useLocalStorage<readonly ColumnId[] | null>({
    key: `understudy-columns-${model}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const shown = chosen ?? available.filter((column) => column.startsWith('metric:')).slice(0, FIRST_METRICS);
  return [shown.filter((column) => available.includes(column)), setChosen] as const;
}
