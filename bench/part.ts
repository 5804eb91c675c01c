import type { Figures } from './goals';

/** How thoroughly a run measures. */
export interface Thoroughness {
  /** Seconds of load for each figure. */
  readonly seconds: number;
  /** How often servers that are compared take turns. */
  readonly rounds: number;
  /** Hot swaps, and candidates that misbehave. */
  readonly swaps: number;
  readonly candidates: number;
}

export interface BenchContext extends Thoroughness {
  /** The folder of the product. */
  readonly root: string;
  /** Says on standard error what is going on. */
  readonly say: (text: string) => void;
}

/** What a part of the bench found. */
export interface Findings {
  /** Its section of the page, in Markdown, headings of the second level. */
  readonly lines: readonly string[];
  readonly figures: Figures;
  /** What could not be measured, and why. */
  readonly missing?: readonly string[];
}

/** One subject that can be measured alone. Throws where anything answered wrong. */
export interface Part {
  /** As `--only` names it. */
  readonly name: string;
  readonly about: string;
  /** Runs only where it is named: it measures nothing that the page tells. */
  readonly onlyByName?: true;
  measure(context: BenchContext): Promise<Findings>;
}
