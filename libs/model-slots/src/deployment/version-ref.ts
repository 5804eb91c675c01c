/** One immutable version, whoever asked for it and how. */
export interface VersionIdentity {
  /** The URI that names exactly this version: `models:/iris/3`. */
  readonly uri: string;
  readonly name: string;
  /** Null for a logged model or a run. */
  readonly version: string | null;
  /** SHA-256 over the version's files. */
  readonly digest: string;
}

/** A version in a slot, as it is named in states, answers and logs. */
export interface VersionRef extends VersionIdentity {
  /** The URI that was asked for: `models:/iris@champion`. */
  readonly requestedUri: string;
}

/** Whether both name the same bytes under the same name. */
export function isSameVersion(a: VersionIdentity | null, b: VersionIdentity | null): boolean {
  return a !== null && b !== null && a.uri === b.uri && a.digest === b.digest;
}
