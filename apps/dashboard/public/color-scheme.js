/* global window -- a page's own script, not a module */
/* Before anything is painted: the colours that somebody chose on this browser, or those of their system. */
(function () {
  let chosen = null;
  try {
    chosen = window.localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // Without storage there is no choice to remember.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  window.document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
