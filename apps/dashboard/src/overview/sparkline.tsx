import type { Statistics } from '../api/types';
import { chartPoints } from '../deployment/arms';
import { texts } from '../texts/en';

interface SparklineProps {
  /** Undefined where nothing is known: then its place stays empty, for a line at 0 would say something. */
  readonly statistics: Statistics | undefined;
  readonly slot: 'current' | 'next';
}

const WIDTH = 160;
const HEIGHT = 28;

/** The rate of requests as a line without an axis: its shape is what matters. Next is dashed. */
export function Sparkline({ statistics, slot }: SparklineProps) {
  if (statistics === undefined) return <div style={{ height: HEIGHT }} />;
  const points = chartPoints(statistics, 'p99', new Date());
  const most = Math.max(...points.flatMap(({ currentRate, nextRate }) => [currentRate, nextRate]), 1e-9);
  const line = points
    .map((point, index) => {
      const x = (WIDTH * index) / Math.max(1, points.length - 1);
      const rate = slot === 'current' ? point.currentRate : point.nextRate;
      return `${x.toFixed(1)},${(HEIGHT - 2 - (rate / most) * (HEIGHT - 4)).toFixed(1)}`;
    })
    .join(' ');
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width="100%"
      height={HEIGHT}
      preserveAspectRatio="none"
      style={{ display: 'block' }}
      role="img"
      aria-label={texts.measures.rate}
    >
      <polyline
        points={line}
        fill="none"
        stroke={`var(--${slot})`}
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
        strokeDasharray={slot === 'next' ? '4 3' : undefined}
      />
    </svg>
  );
}
