import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import autocannon from 'autocannon';
import { takeCharge } from './children';
import { ascending, percentile } from './format';
import { removeFolder, scratchFolder } from './scratch';

/** What is sent, by how many clients at once. */
export interface Load {
  readonly name: string;
  readonly connections: number;
  /** Each character is one byte. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What every right answer has in it, as the server writes it. */
  readonly expects: string;
}

export interface Measured {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were no 200, and connections that broke. */
  readonly failures: number;
}

const hasWrk = spawnSync('wrk', ['-v']).error === undefined;

export const loadGenerator = hasWrk ? 'wrk, one thread' : 'autocannon';

/**
 * Sends a load as fast as it is answered (closed loop) and measures what came back. Every answer is compared; throws where one is
 * wrong, however fast it was.
 */
export async function measure(url: string, load: Load, seconds: number): Promise<Measured> {
  const { wrong, ...measured } = hasWrk
    ? await measureWithWrk(url, load, seconds)
    : await measureWithAutocannon(url, load, seconds);
  if (wrong > 0) throw new Error(`${wrong} wrong answers of ${url} to ${load.name}: without ${load.expects}`);
  return measured;
}

type Compared = Measured & { readonly wrong: number };

async function measureWithAutocannon(url: string, load: Load, seconds: number): Promise<Compared> {
  const { connections, body, headers, expects } = load;
  let wrong = 0;
  // Its own are whole milliseconds, in which a fast answer takes none.
  const tookMs: number[] = [];
  const result = await autocannon({
    url,
    requests: [
      {
        method: 'POST',
        body: Buffer.from(body, 'latin1'),
        headers,
        onResponse: (status, answer) => {
          if (status === 200 && !answer.includes(expects)) wrong++;
        },
      },
    ],
    setupClient: (client) => {
      client.on('response', (_status, _bytes, ms) => tookMs.push(ms));
    },
    connections,
    duration: seconds,
    timeout: TIMEOUT_SECONDS,
  });
  const sorted = ascending(tookMs);
  return {
    requestsPerSecond: result.requests.average,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    failures: result.non2xx + result.errors,
    wrong,
  };
}

const TIMEOUT_SECONDS = 30;

/** wrk runs these in its threads; with one thread (-t1) they share what they count in `setup`. */
const REPORT = `
local threads = {}
setup = function(thread) table.insert(threads, thread) end
wrong = 0
response = function(status, _, body)
  if status == 200 and not string.find(body, expects, 1, true) then wrong = wrong + 1 end
end
done = function(summary, latency, requests)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  local differed = 0
  for _, thread in ipairs(threads) do differed = differed + thread:get("wrong") end
  io.write(string.format("RESULT %f %f %f %d %d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed, differed))
end
`;

async function measureWithWrk(url: string, load: Load, seconds: number): Promise<Compared> {
  const folder = scratchFolder('wrk');
  const script = join(folder, 'load.lua');
  const headers = Object.entries(load.headers).map(([name, value]) => `wrk.headers[${quote(name)}] = ${quote(value)}`);
  const lines = ['wrk.method = "POST"', `wrk.body = ${quote(load.body)}`, `expects = ${quote(load.expects)}`];
  writeFileSync(script, [...lines, ...headers, REPORT].join('\n'));
  try {
    const options = ['-t1', `-c${load.connections}`, `-d${seconds}s`, '--timeout', `${TIMEOUT_SECONDS}s`, '-s', script];
    const output = await outputOf('wrk', [...options, url]);
    const [, rate, p50, p99, failures, wrong] = /RESULT (\S+) (\S+) (\S+) (\S+) (\S+)/.exec(output) ?? [];
    if (wrong === undefined) throw new Error(`wrk did not report:\n${output}`);
    return {
      requestsPerSecond: Number(rate),
      p50Ms: Number(p50),
      p99Ms: Number(p99),
      failures: Number(failures),
      wrong: Number(wrong),
    };
  } finally {
    removeFolder(folder);
  }
}

/** Runs a program to its end and returns what it wrote. Throws where it failed. */
export async function outputOf(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  takeCharge(child);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`${command} failed: ${errors.slice(-2000)}`);
  return output;
}

/** A Lua string, whatever it holds. */
const quote = (value: string): string =>
  `"${[...Buffer.from(value, 'latin1')].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`;
