import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import autocannon from 'autocannon';

/** What is sent, by how many clients at once. */
export interface Load {
  readonly name: string;
  readonly connections: number;
  /** Each character is one byte. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
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

/** Sends a load as fast as it is answered (closed loop) and measures what came back. */
export async function measure(url: string, load: Load, seconds: number): Promise<Measured> {
  return hasWrk ? measureWithWrk(url, load, seconds) : measureWithAutocannon(url, load, seconds);
}

async function measureWithAutocannon(url: string, load: Load, seconds: number): Promise<Measured> {
  const { connections, body, headers } = load;
  const result = await autocannon({
    url,
    method: 'POST',
    body: Buffer.from(body, 'latin1'),
    headers,
    connections,
    duration: seconds,
  });
  return {
    requestsPerSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failures: result.non2xx + result.errors,
  };
}

const REPORT = `
done = function(summary, latency, requests)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
`;

async function measureWithWrk(url: string, load: Load, seconds: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-wrk-'));
  const script = join(folder, 'load.lua');
  const headers = Object.entries(load.headers).map(([name, value]) => `wrk.headers[${quote(name)}] = ${quote(value)}`);
  writeFileSync(script, ['wrk.method = "POST"', `wrk.body = ${quote(load.body)}`, ...headers, REPORT].join('\n'));
  try {
    const args = ['-t1', `-c${load.connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script, url];
    const { stdout } = await promisify(execFile)('wrk', args, { maxBuffer: 16 * 1024 * 1024 });
    const [, rate, p50, p99, failures] = /RESULT (\S+) (\S+) (\S+) (\S+)/.exec(stdout) ?? [];
    return { requestsPerSecond: Number(rate), p50Ms: Number(p50), p99Ms: Number(p99), failures: Number(failures) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A Lua string, whatever it holds. */
const quote = (text: string): string =>
  `"${[...Buffer.from(text, 'latin1')].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`;
