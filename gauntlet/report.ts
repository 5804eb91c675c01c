import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Finding } from './gate';
import type { Trial } from './options';

/** Promises that tests try, every time they run. */
const TESTED = [
  ['access matrix', '100 % of the cells as declared', '`test/e2e/access-matrix.spec.ts`, `npm run test:e2e`'],
  ['hostile input, crashes, callers', 'every case', '[survival.md](survival.md) names the test of each, `npm test`'],
] as const;

export interface Report {
  readonly trials: readonly Trial[];
  readonly findings: readonly Finding[];
  readonly seed: number;
}

/** The page docs/reliability.md. */
export function report({ trials, findings, seed }: Report): string {
  const fewer = trials.filter(({ gate, rounds }) => rounds < gate.rounds.whole);
  return [
    '# Reliability',
    '',
    'Written by `npm run gauntlet`, which starts the built server as real processes, kills, stops and cuts them off, and compares what they',
    'have afterwards with what they had acknowledged. CI runs a short form, and plants faults that each gate must find.',
    '',
    `Machine: ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}. Seed: ${seed}.`,
    '',
    ...(fewer.length === 0
      ? []
      : [
          `This run tried less often than a whole one: ${fewer.map(({ gate, rounds }) => `${gate.name} ${rounds} instead of ${gate.rounds.whole}`).join(', ')}.`,
          '',
        ]),
    ...table(findings),
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
    ...TESTED.map(([measure, goal, where]) => `| ${measure} | ${goal} | a test: ${where} | - |`),
  ];
}

const oneCell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
