/** Up to so many names a list is searched faster than a set is made. */
const MOST_LISTED = 8;

/** The names that came so far, of members or tensors: usually few, and a million if somebody means ill. */
export class NamesSeen {
  private readonly listed: string[] = [];
  private rest: Set<string> | undefined;

  has(name: string): boolean {
    return this.listed.includes(name) || this.rest?.has(name) === true;
  }

  /** Notes a name that was not there before. */
  add(name: string): void {
    if (this.listed.length < MOST_LISTED) this.listed.push(name);
    else (this.rest ??= new Set()).add(name);
  }
}
