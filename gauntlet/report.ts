import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Finding } from './gate';
import type { Trial } from './options';

/** Promises that tests try, every time they run. */
const TESTED = [
  ['access matrix', '100 % of the cells as declared', '`test/e2e/access-matrix.spec.ts`, `npm run test:e2e`'],
  [
    'hostile registries, changes, crashes, callers, records',
    'every case',
    '[survival.md](survival.md) has the cases, `npm test`',
  ],
] as const;

const NOTES = ['<!-- notes: kept by the gauntlet -->', '<!-- end of notes -->'] as const;

/** What stands between the markers of the page; nothing where it has none. */
export function notesOf(page: string): string {
  const [from, to] = NOTES.map((marker) => page.indexOf(marker)) as [number, number];
  return from < 0 || to < from ? '' : page.slice(from + NOTES[0].length, to).trim();
}

export interface Report {
  readonly trials: readonly Trial[];
  readonly findings: readonly Finding[];
  readonly seed: number;
  /** What people wrote between the markers of the page that is there; it is kept. */
  readonly notes: string;
}

/** The page docs/reliability.md. */
export function report({ trials, findings, seed, notes }: Report): string {
  const fewer = trials.filter(({ gate, rounds }) => rounds < gate.rounds.whole);
  return [
    '# Reliability',
    '',
    'Written by `npm run gauntlet`, which starts the built server as real processes, kills, stops and cuts them off, and compares what they',
    'have afterwards with what they had acknowledged. CI runs a short form (`npm run gauntlet -- --short`), and plants faults in each gate',
    'that it must find (`npm run test:gauntlet`).',
    '',
    `Machine: ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}. Seed: ${seed}.`,
    '',
    ...(fewer.length === 0
      ? []
      : [
          `This run tried less often than \`npm run gauntlet\` does by itself: ${fewer.map(({ gate, rounds }) => `${gate.name} ${rounds} instead of ${gate.rounds.whole}`).join(', ')}.`,
          '',
        ]),
    ...table(findings),
    ...TESTED.map(([measure, goal, where]) => `| ${measure} | ${goal} | a test: ${where} | - |`),
    '',
    NOTES[0],
    '',
    ...(notes === '' ? [] : [notes, '']),
    NOTES[1],
    '',
    '## How each is tried',
    '',
    ...trials.map(({ gate }) => `- **${gate.name}**, ${gate.about}. ${gate.how}`),
    '',
  ].join('\n');
}

export function table(findings: readonly Finding[]): string[] {
  return [
    '| gate | goal | this run | reached |',
    '| --- | --- | --- | --- |',
    ...findings.map(
      ({ measure, goal, figure, reached }) =>
        `| ${measure} | ${goal} | ${oneCell(figure)} | ${reached ? 'yes' : '**no**'} |`,
    ),
  ];
}

const oneCell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
