import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../', import.meta.url);

/** What comes back from the command above it. */
const ANSWER = '#> ';

/** The code blocks of a page: the second word after the fence says how a block is run. */
export function blocksOf(page, kind) {
  const text = readFileSync(fileURLToPath(new URL(page, ROOT)), 'utf8');
  const blocks = [...text.matchAll(/^```(\S*) ?(\S*)\n([^]*?)^```$/gm)].map(([, language, itsKind, text]) => ({
    language,
    kind: itsKind,
    text,
  }));
  return kind === undefined ? blocks : blocks.filter((block) => block.kind === kind);
}

/** The one block of a kind. */
export function blockOf(page, kind) {
  const [block, another] = blocksOf(page, kind);
  if (block === undefined || another !== undefined) throw new Error(`${page} does not have one block ${kind}`);
  return block.text;
}

export const readmeBlocks = (kind) => blocksOf('README.md', kind);
export const readmeBlock = (kind) => blockOf('README.md', kind);

/** The commands of a block in order, each with the answer that the page shows below it; undefined where it shows none. */
export function commandsOf(text) {
  const commands = [];
  // A backslash at the end of a line continues the command.
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const last = commands.at(-1);
    if (line.startsWith(ANSWER) && last !== undefined) last.answer = line.slice(ANSWER.length);
    else if (line.trim() !== '' && !line.startsWith('#')) commands.push({ command: line, answer: undefined });
  }
  return commands;
}
