export interface PageBlock {
  readonly language: string;
  readonly kind: string;
  readonly text: string;
}

export interface PageCommand {
  readonly command: string;
  /** What the page says comes back. */
  readonly answer: string | undefined;
}

export function blocksOf(page: string, kind?: string): PageBlock[];
export function blockOf(page: string, kind: string): string;
export function readmeBlocks(kind?: string): PageBlock[];
export function readmeBlock(kind: string): string;
export function commandsOf(text: string): PageCommand[];
