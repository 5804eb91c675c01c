import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What somebody wrote on a command line that cannot be taken; the message says what was expected. */
export class WrongCommandLine extends Error {}

export type Read<Options> =
  { readonly ok: true; readonly options: Options } | { readonly ok: false; readonly why: string };

/** What `read` makes of a command line; where it throws WrongCommandLine, that and how to write it. */
export function readCommandLine<Options>(usage: readonly string[], read: () => Options): Read<Options> {
  try {
    return { ok: true, options: read() };
  } catch (error) {
    if (!(error instanceof WrongCommandLine)) throw error;
    return { ok: false, why: [error.message, '', ...usage].join('\n') };
  }
}

/** The values of the options that are given. Throws WrongCommandLine for one that there is not, or that lacks its value. */
export function valuesOf<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    // parseArgs throws nothing but errors.
    throw new WrongCommandLine((error as Error).message);
  }
}

export const isCount = (text: string): boolean => /^[1-9]\d{0,8}$/.test(text);

/** A whole number from 1 on; undefined where none is given. Throws WrongCommandLine. */
export function countOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!isCount(text)) throw new WrongCommandLine(`--${option} takes a whole number from 1 on, not "${text}"`);
  return Number(text);
}

/** The names of `--only`, each of one of `all`; undefined where it is not given. Throws WrongCommandLine. */
export function namesOf(
  only: string | undefined,
  all: readonly { readonly name: string }[],
  what: string,
): string[] | undefined {
  const names = only?.split(',').map((name) => name.trim());
  const unknown = names?.filter((name) => !all.some((one) => one.name === name)) ?? [];
  if (unknown.length > 0) throw new WrongCommandLine(`there is no ${what} "${unknown.join('", "')}"`);
  return names;
}
