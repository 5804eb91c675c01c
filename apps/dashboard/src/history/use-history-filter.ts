import { useDebouncedValue } from '@mantine/hooks';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { filterIn, type HistoryFilter, sameFilter, withFilter } from './history-filter';

const TYPING_MS = 300;

/** The filter of the history in the address: as it is typed, and as it stands there once whoever types it pauses. */
export function useHistoryFilter() {
  const navigate = useNavigate();
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const address = JSON.stringify(filterIn(search));
  const [typed, setTyped] = useState<HistoryFilter>(() => filterIn(search));
  const [settled] = useDebouncedValue(typed, TYPING_MS);
  const known = useRef(typed);
  useEffect(() => {
    // Somebody went back, or followed a link.
    const inAddress = JSON.parse(address) as HistoryFilter;
    if (sameFilter(inAddress, known.current)) return;
    known.current = inAddress;
    setTyped(inAddress);
  }, [address]);
  useEffect(() => {
    if (sameFilter(settled, known.current)) return;
    known.current = settled;
    void navigate({ to: '.', search: (before: object) => withFilter(before, settled), replace: true });
  }, [settled, navigate]);
  return { typed, settled, setTyped };
}
