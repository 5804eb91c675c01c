import { useEffect, useState } from 'react';

/** Where what had the focus is gone, or disabled by what it did: on with the page, not with the browser's address bar. */
export function focusPage(): void {
  document.getElementById('content')?.focus({ preventScroll: true });
}

/** Gives the focus back to what had it when this was first drawn: a dialog that is simply no longer drawn leaves it nowhere. */
export function useReturnFocus(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement) before.focus();
      if (document.activeElement !== before) focusPage();
    },
    [before],
  );
}
