export interface ReadmeBlock {
  readonly language: string;
  readonly kind: string;
  readonly text: string;
}

export interface ReadmeCommand {
  readonly command: string;
  /** What the README says comes back. */
  readonly answer: string | undefined;
}

export function readmeBlocks(kind?: string): ReadmeBlock[];
export function readmeBlock(kind: string): string;
export function commandsOf(text: string): ReadmeCommand[];
