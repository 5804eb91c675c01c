import { useEffect, useState } from 'react';

/** Gives the focus back to what had it when this was first drawn: a dialog that is simply no longer drawn leaves it nowhere. */
export function useReturnFocus(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement) before.focus();
      // What had it is gone, or disabled by what was done: on with the page, not with its address bar.
      if (document.activeElement !== before) document.getElementById('content')?.focus({ preventScroll: true });
    },
    [before],
  );
}
