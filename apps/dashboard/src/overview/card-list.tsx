import { SimpleGrid } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { type Card, DeploymentCard } from './deployment-card';

/** So many cards are simply there: found by the browser's search, printed, and laid out at once. More are drawn as they come into sight. */
const MOST_PLAIN = 24;

const LongCardList = lazy(() => import('./long-card-list'));

export function CardList({ cards }: { readonly cards: readonly Card[] }) {
  if (cards.length > MOST_PLAIN) {
    return (
      <Suspense>
        <LongCardList cards={cards} />
      </Suspense>
    );
  }
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
      {cards.map((card) => (
        <DeploymentCard key={card.deployment.name} {...card} />
      ))}
    </SimpleGrid>
  );
}
