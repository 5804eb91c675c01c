/** A check that did not hold. What follows it is not tried: it would only repeat the same news. */
class CheckFailed extends Error {}

/** Prints each check as it ends and counts. */
export class Checks {
  passed = 0;
  failed = 0;
  skipped = 0;

  /** Runs `body`; its answer is a note to print beside the name, or undefined. */
  async check(name, body) {
    const startedMs = performance.now();
    try {
      const note = await body();
      this.passed += 1;
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      console.log(`  ok    ${name}${note === undefined ? '' : `: ${note}`} (${seconds} s)`);
    } catch (error) {
      this.failed += 1;
      console.error(`  FAIL  ${name}\n${indent(error.message)}`);
      throw new CheckFailed(name);
    }
  }

  skip(name, why) {
    this.skipped += 1;
    console.warn(`  skip  ${name}\n${indent(why)}`);
  }

  /** Runs a group of checks; a failed check ends the group and has been told already. */
  async group(name, body) {
    console.log(name);
    try {
      await body();
      return true;
    } catch (error) {
      if (error instanceof CheckFailed) return false;
      this.failed += 1;
      console.error(`  FAIL  ${name}\n${indent(error.stack)}`);
      return false;
    }
  }

  summary() {
    const parts = [`${this.passed} checks passed`];
    if (this.failed > 0) parts.push(`${this.failed} failed`);
    if (this.skipped > 0) parts.push(`${this.skipped} skipped`);
    return parts.join(', ');
  }
}

function indent(text) {
  return text.replace(/^/gm, '        ');
}
