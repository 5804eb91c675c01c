import { type HashedToken, TokenSnapshot } from '@understudy/store';
import { TokenSource } from '../access/bearer-tokens';

/** The tokens as the control process handed them over. Before it has, nobody has one: nobody gets in. */
export class MirroredTokens extends TokenSource {
  private held = TokenSnapshot.empty;
  private readonly used = new Set<string>();

  override get snapshot(): TokenSnapshot {
    return this.held;
  }

  override recordUse(id: string): void {
    this.used.add(id);
  }

  /** From now on only these count. */
  replace(tokens: readonly HashedToken[]): void {
    this.held = new TokenSnapshot(tokens);
  }

  /** Ids of tokens that were used since the last take. */
  takeUsed(): readonly string[] {
    const used = [...this.used];
    this.used.clear();
    return used;
  }
}
