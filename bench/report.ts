import { availableParallelism, cpus, totalmem } from 'node:os';
import { type Figures, goalsTable } from './goals';
import type { Options } from './options';
import type { Findings } from './part';

export interface Report extends Options {
  readonly loadGenerator: string;
  readonly findings: readonly Findings[];
  /** What people wrote between the markers of the page that is there; it is kept. */
  readonly notes: string;
}

const NOTES = ['<!-- notes: kept by the bench -->', '<!-- end of notes -->'] as const;

/** What stands between the markers of the page; nothing where it has none. */
export function notesOf(page: string): string {
  const [from, to] = NOTES.map((marker) => page.indexOf(marker)) as [number, number];
  return from < 0 || to < from ? '' : page.slice(from + NOTES[0].length, to).trim();
}

/** The page docs/benchmarks.md. */
export function report({ findings, loadGenerator, seconds, rounds, swaps, candidates, whole, notes }: Report): string {
  const figures: Figures = Object.assign({}, ...findings.map((one) => one.figures)) as Figures;
  const missing = findings.flatMap((one) => one.missing ?? []);
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`, which starts every server itself, compares every answer with the right one (a wrong one ends it), and',
    `runs what is compared in turn, ${rounds === 1 ? 'once' : `${rounds} times`}. Compare the ratios, not the figures: the same machine is faster or slower from one hour to the next.`,
    '',
    `Machine: ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}. ` +
      `Load: ${loadGenerator}, ${seconds} s a figure, closed loop over loopback unless told otherwise; the load generator shares the cores.`,
    '',
    '## Goals',
    '',
    ...(whole
      ? []
      : [`Not a whole run (${swaps} swaps, ${candidates} candidates at most); only what was measured.`, '']),
    ...goalsTable(figures, whole),
    '',
    ...missing.map((line) => `- Missing: ${line}`),
    ...(missing.length > 0 ? [''] : []),
    NOTES[0],
    '',
    ...(notes === '' ? [] : [notes, '']),
    NOTES[1],
    '',
    ...findings.flatMap(({ lines }) => lines),
  ].join('\n');
}
