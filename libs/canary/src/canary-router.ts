import { Injectable } from '@nestjs/common';
import { placeOfKey } from './place-of-key';
import { RandomSource } from './random-source';
import { type ReadySlots, route, type Routing, type RoutingHints, type Split } from './route';

/** Chooses the slot for each request: the rule of {@link route} with a draw for it. */
@Injectable()
export class CanaryRouter {
  constructor(private readonly random: RandomSource) {}

  choose(hints: RoutingHints, split: Split, ready: ReadySlots, salt: string): Routing {
    const draw = hints.canaryKey === undefined ? this.random.next() : placeOfKey(hints.canaryKey, salt);
    return route(hints, split, ready, draw);
  }
}
