/** Where draws come from: a port, so that a test can choose them. */
export abstract class RandomSource {
  /** A number from 0 up to but not including 1. */
  abstract next(): number;
}

/** Fast, evenly spread, and nothing that anybody's security rests on. */
export class SystemRandom extends RandomSource {
  override next(): number {
    return Math.random();
  }
}
