import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, brokenChain, events, type Reply, show } from '../api';
import { atMost, type Finding, type Gate, type GateContext, nothingWrong } from '../gate';
import { childrenOf, isRunning, Server, until } from '../server';
import { after, type Change, describe, isSame, type Slots } from '../slots';
import { URI, Workplace } from '../workplace';

/** Longest time from the first change of a round to the kill: a load takes about that long, the others much less. */
const LONGEST_MS = 400;
const AFTER_RUNNER_MS = 150;
const ANSWERS_WITHIN_MS = 30_000;
const SERVER_SHARE = 0.8;
const ORPHANS_GONE_MS = 2_000;
const SERVING_AGAIN_MS = 5_000;
const VERSIONS = 4;

/** `kill -9` of the server or of a runner in the midst of changes, then a restart without the registry. */
export const kills: Gate = {
  name: 'kills',
  about: 'kill -9 of server and runners at random moments of changes, the registry gone at restart',
  how:
    'One client loads, promotes, rolls back and moves the split, one change after the other, until the server (four times of five) or a ' +
    'runner is killed at a random moment of up to 400 ms. The registry is taken away, the server started again. It must have every ' +
    'acknowledged change, the one that was cut off as a whole or not at all, exactly one entry of the history for each, and answer with the ' +
    'version in current; at the end the audit chain must verify. Runners of a killed server must be gone within 2 s. "Serving again" is ' +
    'from the start of the process to the first yes of `/readyz`, or from the kill of a runner to the next answer.',
  rounds: { whole: 1_000, short: 50 },
  sabotages: ['kills'],
  async judge(context) {
    const workplace = new Workplace(VERSIONS);
    const run = await KillRun.begin(context, workplace);
    try {
      for (let round = 1; round <= context.rounds; round++) {
        await run.round(round);
        if (round % 25 === 0) context.say(`${round} of ${context.rounds} kills`);
      }
      return await run.findings();
    } finally {
      await run.end();
      workplace.remove();
    }
  },
};

/** A change that was sent. */
interface Sent {
  readonly change: Change;
  readonly reason: string;
}

/** What was asked of a server in one round. */
interface Asked {
  readonly acknowledged: string[];
  /** Whose outcome nobody was told: it may be there as a whole, or not at all. */
  unknown: Sent | undefined;
}

class KillRun {
  private readonly lost: string[] = [];
  private readonly orphans: string[] = [];
  /** Reasons of all acknowledged changes, in order. */
  private readonly acknowledged: string[] = [];
  private slowest = { afterMs: 0, round: 0, of: 'the server' };
  private killedServers = 0;
  private cut = 0;
  private cutButThere = 0;
  private count = 0;
  private planted = false;

  private constructor(
    private readonly context: GateContext,
    private readonly workplace: Workplace,
    private server: Server,
    private expected: Slots,
  ) {}

  static async begin(context: GateContext, workplace: Workplace): Promise<KillRun> {
    const server = await Server.start(workplace.environment);
    await until(async () => (await show(server.url)).converged, 20_000, 'the first version is not there');
    return new KillRun(context, workplace, server, (await show(server.url)).wanted);
  }

  async round(round: number): Promise<void> {
    const { random } = this.context;
    if (random.share() < SERVER_SHARE) await this.killServer(round);
    else await this.killRunner(round);
  }

  async findings(): Promise<Finding[]> {
    const history = await events(this.server.url);
    const broken = await brokenChain(this.server.url);
    this.compare('the end', this.acknowledged, history);
    if (broken !== undefined) this.lost.push(broken);
    const { rounds } = this.context;
    const of = `of ${this.acknowledged.length} acknowledged, ${this.cut} cut off, of which ${this.cutButThere} are there as a whole (${rounds} kills, ${this.killedServers} of the server)`;
    if (this.acknowledged.length === 0) this.lost.push('no change was acknowledged at all');
    return [
      nothingWrong('kill -9 amid changes: acknowledged lost, or half done', '0', of, this.lost),
      nothingWrong(
        'kill -9: processes left behind',
        '0',
        `after ${this.killedServers} kills of the server`,
        this.orphans,
      ),
      this.servingAgainFinding(),
    ];
  }

  private servingAgainFinding(): Finding {
    const { afterMs, round, of } = this.slowest;
    const finding = atMost('kill -9: serving again, the slowest', SERVING_AGAIN_MS / 1000, afterMs / 1000, 's', 2);
    return { ...finding, figure: `${finding.figure} (kill ${round}, of ${of})` };
  }

  async end(): Promise<void> {
    await this.server.kill();
  }

  private async killServer(round: number): Promise<void> {
    const { workplace } = this;
    const isOver = { value: false };
    const killing = sleep(this.context.random.below(LONGEST_MS)).then(() => {
      isOver.value = true;
      return this.server.kill();
    });
    const asked = await this.changeUntil(isOver);
    const runners = await killing;
    this.killedServers++;
    await this.expectNoOrphans(round, runners);
    if (this.context.sabotage === 'kills') this.loseWrites(asked.acknowledged.length);
    workplace.takeRegistryAway();
    this.server = await Server.start(workplace.environment);
    this.servingAgain(this.server.readyAfterMs, round, 'the server');
    await this.check(round, asked);
    workplace.bringRegistryBack();
  }

  private async killRunner(round: number): Promise<void> {
    const { random } = this.context;
    const isOver = { value: false };
    const killing = sleep(random.below(LONGEST_MS)).then(async () => {
      const runners = childrenOf(this.server.process.pid);
      if (runners.length > 0) killAtOnce(random.pick(runners));
      const killedAtMs = performance.now();
      // A change that is under way may take longer: it is no prediction.
      await until(async () => (await this.predict()) !== undefined, ANSWERS_WITHIN_MS, 'no prediction');
      this.servingAgain(performance.now() - killedAtMs, round, 'a runner');
      await sleep(AFTER_RUNNER_MS);
      isOver.value = true;
    });
    const [asked] = await Promise.all([this.changeUntil(isOver), killing]);
    await this.check(round, asked);
  }

  private servingAgain(afterMs: number, round: number, of: string): void {
    if (afterMs > this.slowest.afterMs) this.slowest = { afterMs, round, of };
  }

  /** One change after the other, each with a note of what was acknowledged; ends after the first whose outcome is not known. */
  private async changeUntil(isOver: { readonly value: boolean }): Promise<Asked> {
    const asked: Asked = { acknowledged: [], unknown: undefined };
    while (!isOver.value) {
      const sent = { change: this.choose(), reason: `change ${++this.count}` };
      const reply = await ask(this.server.url, sent.change, sent.reason);
      if (reply.status === 200 && reply.isRecorded) this.note(sent, reply, asked);
      else if (reply.status < 400 || reply.status >= 500) {
        asked.unknown = sent;
        this.cut++;
        break;
      }
    }
    return asked;
  }

  private note({ change, reason }: Sent, { generation }: Reply, asked: Asked): void {
    this.expected = after(this.expected, change);
    if (generation !== this.expected.generation)
      this.lost.push(`${reason}: answered with generation ${generation}, expected ${describe(this.expected)}`);
    asked.acknowledged.push(reason);
    this.acknowledged.push(reason);
  }

  /** One that changes something, so that it can be told whether it is there. */
  private choose(): Change {
    const { random } = this.context;
    const { current, next, previous } = this.expected;
    const draw = random.share();
    if (draw < 0.25) {
      const others = Array.from({ length: VERSIONS }, (_, at) => URI(at + 1)).filter((uri) => uri !== next);
      return { kind: 'load-next', uri: random.pick(others) };
    }
    if (draw < 0.5 && next !== current) return { kind: 'promote' };
    if (draw < 0.65 && previous !== null) return { kind: 'roll-back' };
    return { kind: 'set-split', canaryProbability: random.share() };
  }

  /** What the server has now: every acknowledged change, and the one that was cut off as a whole or not at all. */
  private async check(round: number, { acknowledged, unknown }: Asked): Promise<void> {
    const { url } = this.server;
    const { wanted } = await show(url);
    const history = await events(url, acknowledged.length + 200);
    const isThere = history.some(({ origin, outcome }) => origin.reason === unknown?.reason && outcome === 'done');
    if (unknown !== undefined && isThere) {
      this.expected = after(this.expected, unknown.change);
      this.cutButThere++;
    }
    if (!isSame(wanted, this.expected)) {
      this.lost.push(`kill ${round}: ${describe(wanted)} instead of ${describe(this.expected)}`);
      this.expected = wanted;
    }
    this.compare(`kill ${round}`, acknowledged, history);
    const answered = await this.predict();
    if (answered !== this.expected.current)
      this.lost.push(
        `kill ${round}: ${answered ?? 'nothing'} answers instead of ${this.expected.current ?? 'nothing'}`,
      );
  }

  private compare(when: string, acknowledged: readonly string[], history: Awaited<ReturnType<typeof events>>): void {
    const done = new Map<string | null, number>();
    for (const { origin, outcome } of history)
      if (outcome === 'done') done.set(origin.reason, (done.get(origin.reason) ?? 0) + 1);
    for (const reason of acknowledged)
      if (done.get(reason) !== 1) this.lost.push(`${when}: the history has ${reason} ${done.get(reason) ?? 0} times`);
  }

  /** The version that answers for current; undefined where none does. */
  private async predict(): Promise<string | undefined> {
    const answer = await fetch(`${this.server.url}/predict`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Model-Slot': 'current' },
      body: '{"data":[[1,2,3,4]]}',
    });
    const { predictions } = (await answer.json()) as { predictions?: [number] };
    return predictions === undefined ? undefined : URI(predictions[0]);
  }

  private async expectNoOrphans(round: number, runners: readonly number[]): Promise<void> {
    await until(async () => !runners.some(isRunning), ORPHANS_GONE_MS, 'runners are left').catch(() => undefined);
    for (const pid of runners.filter(isRunning)) {
      this.orphans.push(`kill ${round}: process ${pid}`);
      killAtOnce(pid);
    }
  }

  /** The planted fault: the database goes back to what it was after the kill before. */
  private loseWrites(acknowledged: number): void {
    const kept = join(this.workplace.dataFolder, 'kept-by-the-gauntlet');
    const files = ['understudy.db', 'understudy.db-wal', 'understudy.db-shm'];
    const copy = (from: string, to: string): void => {
      for (const file of files) {
        rmSync(join(to, file), { force: true });
        if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file));
      }
    };
    if (this.planted) return;
    if (existsSync(kept) && acknowledged > 0) {
      copy(kept, this.workplace.dataFolder);
      this.planted = true;
      return;
    }
    mkdirSync(kept, { recursive: true });
    copy(this.workplace.dataFolder, kept);
  }
}

/** One that has ended by itself meanwhile, as after a promote, needs no kill. */
function killAtOnce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
