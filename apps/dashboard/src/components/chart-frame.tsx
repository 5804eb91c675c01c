import { type ReactNode, useEffect, useRef } from 'react';

interface ChartFrameProps {
  /** What is drawn, for whoever does not see it. */
  readonly label: string;
  readonly children: ReactNode;
}

/** Layers of a drawing: React listens to their focus, and what is listened to so Chromium lets the keyboard stop at. */
const LAYERS = 'g[class^="recharts-zIndex-layer"]:not([tabindex])';

/** A chart is one picture, and none of its parts a stop of the Tab key. */
export function ChartFrame({ label, children }: ChartFrameProps) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = frame;
    if (current === null) return;
    const pass = (): void => {
      for (const layer of current.querySelectorAll(LAYERS)) layer.setAttribute('tabindex', '-1');
    };
    pass();
    const drawing = new MutationObserver(pass);
    drawing.observe(current, { childList: true, subtree: true });
    return () => {
      drawing.disconnect();
    };
  }, []);
  return (
    <div ref={frame} role="img" aria-label={label}>
      {children}
    </div>
  );
}
