import { useMediaQuery } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { type Card, DeploymentCard } from './deployment-card';

const CARD_PX = 232;
const GAP_PX = 16;
/** From here on two cards stand beside each other: the theme's lg. */
const TWO_COLUMNS = '(min-width: 75em)';

/** Draws the cards that are in sight. */
export default function LongCardList({ cards }: { readonly cards: readonly Card[] }) {
  const columns = useMediaQuery(TWO_COLUMNS, window.matchMedia(TWO_COLUMNS).matches) ? 2 : 1;
  const list = useRef<HTMLDivElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  useLayoutEffect(() => {
    setScrollMargin(list.current?.offsetTop ?? 0);
  }, []);
  const virtual = useWindowVirtualizer({
    count: Math.ceil(cards.length / columns),
    estimateSize: () => CARD_PX,
    gap: GAP_PX,
    overscan: 2,
    scrollMargin,
  });
  return (
    <div ref={list} style={{ position: 'relative', height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ index, start }) => (
        <div
          key={index}
          data-index={index}
          ref={virtual.measureElement}
          style={{ position: 'absolute', insetInline: 0, transform: `translateY(${start - scrollMargin}px)` }}
        >
          <div style={{ display: 'grid', gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gap: GAP_PX }}>
            {cards.slice(index * columns, (index + 1) * columns).map((card) => (
              <DeploymentCard key={card.deployment.name} {...card} />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}
