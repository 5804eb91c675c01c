import { Agent, get, request } from 'node:http';
import { firstLoad, promote, scroll, type Scrolled, startBrowser } from '../dashboard/browser';
import { change, updateNext } from '../control';
import { ascending, number, percentile } from '../format';
import { measure } from '../load';
import { checkedLoad, FORMS, TWO_ROWS } from '../loads';
import type { BenchContext, Part } from '../part';
import { startUnderstudy } from '../peers';

const DEPLOYMENTS = 200;
const UPDATES_PER_SECOND = 100;
const DASHBOARDS = 10;
const PAIRS_A_ROUND = 8;
const SLOWDOWN = 4;
/** What a slot holds, on the page of a deployment. */
const CARD = '[data-slot=current] dl';
const LOAD = { rows: 2, connections: 32 };

type Row = readonly [measure: string, goal: string, values: readonly number[], digits: number, unit: string];

/** What somebody who looks at the dashboard waits for, and what it costs predictions that somebody looks. */
export const dashboard: Part = {
  name: 'dashboard',
  about: 'the dashboard in a real browser: first load, scrolling, a promotion, and what it costs predictions',
  onlyByName: true,
  async measure(context) {
    const server = await startUnderstudy(context);
    try {
      const costs = await measureCosts(server.url, context);
      const rows = await measureScreens(server.url, context);
      return {
        lines: [
          '## The dashboard',
          '',
          '| measure | goal | this run |',
          '| --- | --- | --- |',
          ...[...rows, costs].map(
            ([name, goal, values, digits, unit]) => `| ${name} | ${goal} | ${number(values, digits)} ${unit} |`,
          ),
          '',
        ],
        figures: {},
      };
    } finally {
      await server.stop();
    }
  },
};

/**
 * Throughput in turn with nobody watching and with ten who read the stream; a browser of their own would measure the machine. What one pair
 * says is mostly what the machine did meanwhile, a tenth up or down: the median of many counts.
 */
async function measureCosts(url: string, { rounds, seconds, say }: BenchContext): Promise<Row> {
  const load = await checkedLoad(url, 'predict', LOAD);
  const target = `${url}${FORMS.predict.path}`;
  const alone = async () => (await measure(target, load, seconds)).requestsPerSecond;
  const watched = async () => {
    const watchers = Array.from({ length: DASHBOARDS }, () => watch(url));
    const { requestsPerSecond } = await measure(target, load, seconds);
    for (const stop of watchers) stop();
    return requestsPerSecond;
  };
  const pairs = rounds * PAIRS_A_ROUND;
  const ratios: number[] = [];
  await measure(target, load, 1);
  for (let pair = 0; pair < pairs; pair++) {
    // Each goes first as often as the other.
    const first = await (pair % 2 === 0 ? alone() : watched());
    const second = await (pair % 2 === 0 ? watched() : alone());
    ratios.push(pair % 2 === 0 ? second / first : first / second);
  }
  const sorted = ascending(ratios);
  const [from, median, to] = [0.25, 0.5, 0.75].map((share) => percentile(sorted, share)) as [number, number, number];
  say(
    `${median.toFixed(3)} of the throughput with ten watching (half of ${pairs} pairs ${from.toFixed(3)}-${to.toFixed(3)})`,
  );
  const measured = `prediction throughput with ten dashboards open ÷ with none, median of ${pairs} pairs`;
  return [measured, 'at least 0.97', [median], 3, ''];
}

function watch(url: string): () => void {
  const asked = get(`${url}/live`, { agent: false }, (response) => {
    response.on('error', () => undefined);
    response.resume();
  });
  asked.on('error', () => undefined);
  return () => {
    asked.destroy();
  };
}

async function measureScreens(url: string, context: BenchContext): Promise<Row[]> {
  const browser = await startBrowser();
  const { rounds, say } = context;
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await deploy(url, 3);
    const loads = [];
    const loadsOfOne = [];
    for (let round = 0; round < rounds; round++) {
      loads.push(await firstLoad(browser, `${url}/dashboard/`, 'article', SLOWDOWN));
      loadsOfOne.push(await firstLoad(browser, `${url}/dashboard/deployments/${nameOf(0)}`, CARD, SLOWDOWN));
    }
    const promotions = [];
    const second = await (await browser.newContext()).newPage();
    for (let round = 0; round < rounds; round++) promotions.push(await promoteIn(url, page, second, round));
    await second.context().close();
    await deploy(url, DEPLOYMENTS);
    say(`${DEPLOYMENTS} deployments are there`);
    const scrolls = await scrollUnderLoad(url, page, context);
    const ms = (name: string, goal: string, values: readonly number[]): Row => [name, goal, values, 0, 'ms'];
    return [
      ms(
        `largest contentful paint of the overview, the processor slowed ${SLOWDOWN}x`,
        'at most 1000 ms',
        loads.map(({ largestPaintMs }) => largestPaintMs),
      ),
      ms(
        'the same on the page of one deployment',
        'at most 1000 ms',
        loadsOfOne.map(({ largestPaintMs }) => largestPaintMs),
      ),
      ['scripts of the first load, compressed', 'at most 300 kB', [(loads[0]?.scriptBytes ?? 0) / 1000], 0, 'kB'],
      ms(
        'click on "promote" until it is shown',
        'at most 300 ms',
        promotions.map(([here]) => here),
      ),
      ms(
        'the same until a second window shows it',
        'at most 1000 ms',
        promotions.map(([, there]) => there),
      ),
      [
        `scrolling over ${DEPLOYMENTS} deployments, ${UPDATES_PER_SECOND} updates a second`,
        'at least 50 frames/s',
        scrolls.map(({ framesPerSecond }) => framesPerSecond),
        1,
        'frames/s',
      ],
      ms(
        'the longest frame meanwhile',
        '-',
        scrolls.map(({ longestFrameMs }) => longestFrameMs),
      ),
    ];
  } finally {
    await browser.close();
  }
}

const nameOf = (at: number): string => `team-${String(at).padStart(3, '0')}`;

async function deploy(url: string, count: number): Promise<void> {
  for (let at = 0; at < count; at++)
    await change(
      url,
      `/deployments/${nameOf(at)}`,
      { current: 'models:/tracking-quickstart/3', next: 'models:/tracking-quickstart/2', canaryProbability: 0.9 },
      'PUT',
    );
}

async function promoteIn(
  url: string,
  first: Parameters<typeof promote>[0],
  second: Parameters<typeof promote>[1],
  round: number,
): Promise<readonly [number, number]> {
  const version = 1 + (round % 2);
  await updateNext(url, `models:/tracking-quickstart/${version}`);
  for (const page of [first, second]) {
    await page.goto(`${url}/dashboard/deployments/default`);
    await page.getByRole('button', { name: `Promote tracking-quickstart v${version}…` }).waitFor();
  }
  return promote(first, second, `tracking-quickstart v${version}`);
}

async function scrollUnderLoad(
  url: string,
  page: Parameters<typeof scroll>[0],
  { rounds, seconds, say }: BenchContext,
): Promise<Scrolled[]> {
  await page.goto(`${url}/dashboard/`);
  await page.getByRole('article').first().waitFor();
  const stop = predictOnTheClock(url);
  try {
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 3000))');
    const scrolls: Scrolled[] = [];
    for (let round = 0; round < rounds; round++) {
      scrolls.push(await scroll(page, seconds));
      say(`${number([scrolls.at(-1)?.framesPerSecond ?? 0], 1)} frames/s`);
    }
    return scrolls;
  } finally {
    stop();
  }
}

/** One prediction after the other for all deployments in turn: each changes the figures of one. */
function predictOnTheClock(url: string): () => void {
  const agent = new Agent({ keepAlive: true });
  let at = 0;
  const timer = setInterval(() => {
    const path = `${url}/deployments/${nameOf(at++ % DEPLOYMENTS)}/predict`;
    const asked = request(path, { method: 'POST', agent, headers: TWO_ROWS.headers }, (response) => response.resume());
    asked.on('error', () => undefined);
    asked.end(TWO_ROWS.body);
  }, 1000 / UPDATES_PER_SECOND);
  return () => {
    clearInterval(timer);
    agent.destroy();
  };
}
