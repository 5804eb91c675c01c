/* global window -- a page's own script, not a module */
/* Starts the dashboard once the frame that stands in the page is painted: compiling it takes longer, and would come first. */
(function () {
  const { document } = window;
  const { entry } = document.currentScript.dataset;
  let started = false;

  function start() {
    if (started) return;
    started = true;
    const script = document.createElement('script');
    script.type = 'module';
    // As the page's preload links ask for it: otherwise it would be fetched once more.
    script.crossOrigin = 'anonymous';
    script.src = entry;
    document.head.append(script);
  }

  // Nothing is painted in a hidden tab; it is to be ready when somebody comes to it.
  if (document.visibilityState === 'hidden' || document.querySelector('.first-frame') === null) {
    start();
    return;
  }
  document.addEventListener('visibilitychange', start, { once: true });
  // The frame is painted right after this callback; a timer's comes behind it.
  window.requestAnimationFrame(() => window.setTimeout(start));
})();
