/** Builds the applications when their sources are newer than what was built. */
export function buildIfStale(options?: { readonly force?: boolean; readonly log?: (line: string) => void }): void;
