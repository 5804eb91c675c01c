import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const README = fileURLToPath(new URL('../../../README.md', import.meta.url));

/** What comes back from the command above it. */
const ANSWER = '#> ';

/** The code blocks of the README: the second word after the fence says how a block is run. */
export function readmeBlocks(kind) {
  const blocks = [...readFileSync(README, 'utf8').matchAll(/^```(\S*) ?(\S*)\n([^]*?)^```$/gm)].map(
    ([, language, itsKind, text]) => ({ language, kind: itsKind, text }),
  );
  return kind === undefined ? blocks : blocks.filter((block) => block.kind === kind);
}

/** The one block of a kind. */
export function readmeBlock(kind) {
  const [block, another] = readmeBlocks(kind);
  if (block === undefined || another !== undefined) throw new Error(`README.md does not have one block ${kind}`);
  return block.text;
}

/** The commands of a block in order, each with the answer that the README shows below it; undefined where it shows none. */
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
