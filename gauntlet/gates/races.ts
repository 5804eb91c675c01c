import { ask, brokenChain, type Event, events, type Reply, show } from '../api';
import { type Finding, type Gate, type GateContext, nothingWrong } from '../gate';
import { Server } from '../server';
import { after, type Change, describe, isSame, slotsOf } from '../slots';
import { URI, Workplace } from '../workplace';

const CLIENTS = 2;
const VERSIONS = 3;
/** How it may be answered: applied, another change was first, the generation is another one. */
const MAY_BE_ANSWERED: ReadonlySet<number> = new Set([200, 409, 412]);

/** Two clients that change one deployment at once. */
export const races: Gate = {
  name: 'races',
  about: 'two clients change the same deployment at once',
  how:
    'Pairs of changes at once, half of them with If-Match. Each must be answered 200, 409 or 412 and be told once in the history with that ' +
    'outcome; each entry must follow from the one before by the change that it names; the last one must be what is wanted now.',
  rounds: { whole: 10_000, short: 200 },
  sabotages: ['races'],
  async judge(context) {
    const workplace = new Workplace(VERSIONS);
    const server = await Server.start(workplace.environment);
    try {
      return await judgeRaces(context, server.url);
    } finally {
      await server.stop();
      workplace.remove();
    }
  },
};

/** One try, and how it was answered. */
interface Tried {
  readonly change: Change;
  readonly reason: string;
  readonly ifMatch: number | undefined;
  readonly reply: Reply;
}

async function judgeRaces(context: GateContext, url: string): Promise<Finding[]> {
  const { rounds, random, say } = context;
  const tried: Tried[] = [];
  let known = (await show(url)).wanted.generation;
  for (let sent = 0; sent < rounds;) {
    const pair = Array.from({ length: Math.min(CLIENTS, rounds - sent) }, async (): Promise<Tried> => {
      const change = choose(context);
      const ifMatch = random.share() < 0.5 ? known : undefined;
      const reason = `try ${++sent}`;
      return { change, reason, ifMatch, reply: await ask(url, change, reason, ifMatch) };
    });
    const answered = await Promise.all(pair);
    tried.push(...answered);
    known = Math.max(known, ...answered.map(({ reply }) => reply.generation ?? 0));
    if (sent % 1_000 < CLIENTS) say(`${sent} of ${rounds} tries`);
  }
  const history = (await events(url)).reverse();
  if (context.sabotage === 'races') forgetOne(history);
  const wrongAnswers = tried
    .filter(({ reply }) => !MAY_BE_ANSWERED.has(reply.status))
    .map(({ reason, change, reply }) => `${reason} (${change.kind}): ${reply.status} ${reply.text}`);
  const unexplained = [...misfits(tried, history), ...brokenSteps(tried, history, (await show(url)).wanted)];
  const broken = await brokenChain(url);
  if (broken !== undefined) unexplained.push(broken);
  const count = (status: number): number => tried.filter(({ reply }) => reply.status === status).length;
  const of = `of ${rounds} tries (${count(200)} applied, ${count(409)} with 409, ${count(412)} with 412)`;
  return [
    nothingWrong('two clients at once: neither applied nor refused with 409 or 412', '0', of, wrongAnswers),
    nothingWrong(
      'two clients at once: what the history does not explain',
      '0',
      `in ${history.length} entries`,
      unexplained,
    ),
  ];
}

function choose({ random }: GateContext): Change {
  const draw = random.share();
  if (draw < 0.06) return { kind: 'load-next', uri: URI(1 + random.below(VERSIONS)) };
  if (draw < 0.2) return { kind: 'promote' };
  if (draw < 0.35) return { kind: 'roll-back' };
  return { kind: 'set-split', canaryProbability: random.below(1_000_000) / 1_000_000 };
}

/** The planted fault: a write that was acknowledged is missing from the history. */
function forgetOne(history: Event[]): void {
  history.splice(
    history.findIndex(({ outcome, action }) => outcome === 'done' && action === 'set-split'),
    1,
  );
}

/** Answers that the history tells otherwise. */
function misfits(tried: readonly Tried[], history: readonly Event[]): string[] {
  const byReason = new Map<string | null, Event[]>();
  for (const event of history) byReason.set(event.origin.reason, [...(byReason.get(event.origin.reason) ?? []), event]);
  return tried.flatMap(({ reason, change, ifMatch, reply }) => {
    const told = byReason.get(reason) ?? [];
    const done = told.filter(({ outcome }) => outcome === 'done');
    const name = `${reason} (${change.kind})`;
    if (told.length !== 1) return [`${name}: told ${told.length} times`];
    if ((done.length === 1) !== (reply.status === 200)) return [`${name}: answered ${reply.status}, told otherwise`];
    const before = done[0]?.before;
    if (ifMatch === undefined || before === undefined || before === null) return [];
    const { generation } = slotsOf(before);
    return generation === ifMatch ? [] : [`${name}: applied to generation ${generation}, asked for ${ifMatch}`];
  });
}

/** Entries that do not follow from the one before by the change that they name; and an end that is not what is wanted now. */
function brokenSteps(tried: readonly Tried[], history: readonly Event[], wanted: ReturnType<typeof slotsOf>): string[] {
  const changes = new Map<string | null, Change>(tried.map(({ reason, change }) => [reason, change]));
  const broken: string[] = [];
  let state: ReturnType<typeof slotsOf> | undefined;
  for (const { sequence, action, outcome, origin, after: stored } of history) {
    if (outcome !== 'done' || stored === null) continue;
    const reached = slotsOf(stored);
    const change = changes.get(origin.reason);
    if (state !== undefined && change !== undefined && !isSame(after(state, change), reached))
      broken.push(`entry ${sequence} (${action}): ${describe(state)} became ${describe(reached)}`);
    state = reached;
  }
  if (state === undefined || !isSame(state, wanted))
    broken.push(
      `the history ends with ${state === undefined ? 'nothing' : describe(state)}, wanted is ${describe(wanted)}`,
    );
  return broken;
}
