/** One immutable version, as it is named in states, answers and logs. */
export interface VersionRef {
  /** The URI that was asked for: `models:/iris@champion`. */
  readonly requestedUri: string;
  /** The URI that names exactly this version: `models:/iris/3`. */
  readonly uri: string;
  readonly name: string;
  /** Null for a logged model or a run. */
  readonly version: string | null;
  /** SHA-256 over the version's files. */
  readonly digest: string;
}

/** Whether both name the same bytes under the same name. */
export function isSameVersion(a: VersionRef | null, b: VersionRef | null): boolean {
  return a !== null && b !== null && a.uri === b.uri && a.digest === b.digest;
}
