import { Lexer, parse } from 'yaml';

/**
 * The parser needs up to 5 microseconds a token on the thread that serves: 30,000 keep it below about a tenth of a second.
 * A feature list of 5,000 names fits; a signature is one token, however long.
 */
const MAX_TOKENS = 30_000;

/**
 * Reads YAML that somebody else wrote. Throws for text that is not YAML, is too intricate, or unfolds its aliases into much more
 * than it says. No tag makes anything but plain data.
 */
export function readYaml(text: string): unknown {
  let tokens = 0;
  for (const _ of new Lexer().lex(text)) if (++tokens > MAX_TOKENS) throw new Error(`more than ${MAX_TOKENS} tokens`);
  return parse(text, {
    schema: 'core',
    // Python writes an alias where it meets the same list twice; this many do not unfold into gigabytes.
    maxAliasCount: 100,
    // The last of two equal keys counts, as in Python. Looking for them takes the square of their number.
    uniqueKeys: false,
    // An unknown tag would otherwise be a warning of the process.
    logLevel: 'error',
  });
}
