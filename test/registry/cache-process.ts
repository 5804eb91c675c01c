/**
 * A process that uses a model cache, for the tests of several on one folder and of a full disk: `cache-process.ts <scenario> <folder>`.
 * Prints one line of JSON, or lives until it is killed.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDomainError } from '@understudy/platform';
import type { CachedFiles } from '../../libs/registry/src/cache/cached-files';
import { ModelCache } from '../../libs/registry/src/cache/model-cache';
import { NeededInTest, storeVersion } from './store-version';

const PROCESSES = 3;
const ROUNDS = 60;
const VERSIONS = 8;
const VERSION_BYTES = 1000;
const LARGE = 600_000;

export interface Contention {
  /** Times that the files of a version in use were not what they should be. */
  readonly spoilt: number;
  /** Times that there was no room because the others used it. */
  readonly refused: number;
  readonly served: number;
}

export interface FullDisk {
  /** The code and sentence of what did not fit, with sizes that were listed before and without. */
  readonly refused: readonly { readonly code: string; readonly message: string }[];
  readonly inStaging: readonly string[];
  /** Whether what was stored before is still right. */
  readonly keptIsFound: boolean;
  /** The contents of the cache once nothing was needed any more: one version took the place of the other. */
  readonly thenStored: readonly boolean[];
}

const scenarios: Record<string, (folder: string) => Promise<unknown>> = { hold, contend, fillDisk };

async function open(
  folder: string,
  maxBytes: number,
  arrivalMs = 60_000,
): Promise<{ cache: ModelCache; needs: NeededInTest }> {
  const cache = new ModelCache(folder, { maxBytes, arrivalMs });
  const needs = new NeededInTest();
  cache.neededBy(needs);
  await cache.prepare();
  return { cache, needs };
}

/** Stores a version, uses it, and says so. */
async function hold(folder: string): Promise<string> {
  const { cache, needs } = await open(folder, 10 * VERSION_BYTES);
  const { digest } = await storeVersion(cache, 'held'.repeat(VERSION_BYTES / 4));
  needs.needed = new Set([digest]);
  await cache.keepUp();
  setInterval(() => undefined, 1000);
  return digest;
}

/** Waits until all processes of the test are up, so that they really meet. */
async function meet(folder: string): Promise<void> {
  mkdirSync(join(folder, 'ready'), { recursive: true });
  writeFileSync(join(folder, 'ready', String(process.pid)), '');
  while (readdirSync(join(folder, 'ready')).length < PROCESSES) await sleep(1);
}

/** Uses one version after the other, in a cache that has room for what three such processes use and one more. */
async function contend(folder: string): Promise<Contention> {
  const { cache, needs } = await open(folder, 4 * VERSION_BYTES);
  await meet(folder);
  let spoilt = 0;
  let refused = 0;
  let served = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const version = String(Math.floor(Math.random() * VERSIONS));
    const content = version.repeat(VERSION_BYTES);
    const used = await use(cache, version, content);
    if (used === undefined) refused++;
    else {
      // A runner that reads its files, now and after it was started again.
      for (let look = 0; look < 5; look++) {
        if (!isRight(used, content)) spoilt++;
        await new Promise(setImmediate);
      }
      needs.needed = new Set([used.digest]);
      await cache.keepUp();
      if (!isRight(used, content)) spoilt++;
      served++;
    }
  }
  await cache.letGo();
  return { spoilt, refused, served };
}

async function use(cache: ModelCache, version: string, content: string): Promise<CachedFiles | undefined> {
  try {
    return (await cache.find(version)) ?? (await storeVersion(cache, content, { filesKey: version }));
  } catch (error) {
    if (isDomainError(error, 'storage-failed')) return undefined;
    throw error;
  }
}

function isRight({ directory }: CachedFiles, content: string): boolean {
  try {
    return readFileSync(join(directory, 'model.onnx'), 'utf8') === content;
  } catch {
    return false;
  }
}

/** On a disk of 1 MiB: versions that do not fit while the first is needed, and the same once it is not. */
async function fillDisk(folder: string): Promise<FullDisk> {
  const { cache, needs } = await open(folder, 2 ** 40, 0);
  const first = await storeVersion(cache, 'a'.repeat(LARGE));
  needs.needed = new Set([first.digest]);
  const refused = [];
  for (const isListed of [true, false])
    refused.push(
      await storeVersion(cache, 'b'.repeat(LARGE), { isListed }).then(() => reasonOf('it fitted'), reasonOf),
    );
  const inStaging = readdirSync(join(folder, 'staging'));
  const keptIsFound = (await cache.verified(first.digest)) !== undefined;
  needs.needed = new Set();
  const thenStored = [];
  for (const isListed of [true, false]) {
    const { digest } = await storeVersion(cache, (isListed ? 'c' : 'd').repeat(LARGE), { isListed });
    const found = (await cache.verified(digest)) !== undefined;
    thenStored.push(found && readdirSync(join(folder, 'versions')).length === 1);
  }
  return { refused, inStaging, keptIsFound, thenStored };
}

const reasonOf = (error: unknown) =>
  isDomainError(error) ? { code: error.code, message: error.message } : { code: 'unforeseen', message: String(error) };

const [scenario = '', folder = ''] = process.argv.slice(2);
console.log(JSON.stringify(await scenarios[scenario]?.(folder)));
