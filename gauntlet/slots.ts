/** What a deployment is wanted to be, told by model URIs: what the gauntlet expects, worked out without the server's own code. */
export interface Slots {
  readonly generation: number;
  readonly current: string | null;
  readonly next: string | null;
  readonly previous: string | null;
  readonly canaryProbability: number;
}

export type Change =
  | { readonly kind: 'load-next'; readonly uri: string }
  | { readonly kind: 'promote' }
  | { readonly kind: 'set-split'; readonly canaryProbability: number }
  | { readonly kind: 'roll-back' };

/** What a change that is applied makes of the slots, as the documentation says. */
export function after(slots: Slots, change: Change): Slots {
  const changed = { ...slots, ...difference(slots, change) };
  return isSame(changed, slots) ? slots : { ...changed, generation: slots.generation + 1 };
}

function difference({ current, next, previous }: Slots, change: Change): Partial<Slots> {
  switch (change.kind) {
    case 'load-next':
      return { next: change.uri };
    case 'promote':
      return current === next ? {} : { current: next, previous: current };
    case 'set-split':
      return { canaryProbability: change.canaryProbability };
    case 'roll-back':
      return { current: previous, previous: current, canaryProbability: 1 };
  }
}

export const isSame = (one: Slots, other: Slots): boolean => describe(one) === describe(other);

export const describe = ({ generation, current, next, previous, canaryProbability }: Slots): string =>
  `generation ${generation} (${[current, next, previous].map((uri) => uri?.split('/').at(-1) ?? '-').join(' ')}, ${canaryProbability})`;

/** The same out of a `wanted` of the API or a state of the audit trail. */
export function slotsOf(state: unknown, generation?: number): Slots {
  const { current, next, previous, ...rest } = state as Record<
    'current' | 'next' | 'previous',
    { uri: string } | null
  > &
    Pick<Slots, 'generation' | 'canaryProbability'>;
  return {
    generation: generation ?? rest.generation,
    current: current?.uri ?? null,
    next: next?.uri ?? null,
    previous: previous?.uri ?? null,
    canaryProbability: rest.canaryProbability,
  };
}
