import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { sourceNetwork } from './source-address';

/** So many failures of one source within so many seconds are mistakes; what comes after has to wait. */
const MISTAKES = 5;
const MISTAKES_SECONDS = 10 * 60;

/** The first wait; each further one is twice as long, up to the longest. Waits are forgotten after a while without one. */
const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 15 * 60;
const WAITS_REMEMBERED_SECONDS = 60 * 60;

/** Slows down who guesses tokens, by the address from which the guesses come; everybody else signs in as ever. */
@Injectable()
export class SignInLimits {
  private readonly failures = new RateLimiterMemory({ points: MISTAKES, duration: MISTAKES_SECONDS });
  private readonly waits = new RateLimiterMemory({ points: MISTAKES, duration: WAITS_REMEMBERED_SECONDS });

  /** How many seconds a source has to wait before its next attempt is looked at; 0 where it has not. */
  async secondsToWait(address: string): Promise<number> {
    const failures = await this.failures.get(sourceNetwork(address));
    if (failures === null || failures.consumedPoints <= MISTAKES) return 0;
    return Math.max(1, Math.ceil(failures.msBeforeNext / 1000));
  }

  async failed(address: string): Promise<void> {
    const source = sourceNetwork(address);
    const { consumedPoints } = await this.failures.penalty(source);
    if (consumedPoints < MISTAKES) return;
    const { consumedPoints: waits } = await this.waits.penalty(source);
    await this.failures.block(source, Math.min(FIRST_WAIT_SECONDS * 2 ** (waits - 1), LONGEST_WAIT_SECONDS));
  }
}
