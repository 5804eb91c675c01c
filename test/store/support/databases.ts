/* eslint-disable jest/no-export -- what several spec files run on both kinds of database */
import { join } from 'node:path';
import { type Clock, Logger, SystemClock } from '@understudy/platform';
import { type DatabasePlace, type DesiredState, type Origin, Store, StoreSettings } from '@understudy/store';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder';
import { createDatabase } from './test-postgres';

const postgresUrl = process.env['TEST_POSTGRES_URL'];

export const KINDS = ['embedded', 'postgres'] as const;
export type Kind = (typeof KINDS)[number];

/** Runs the same tests on both kinds of database; PostgreSQL is skipped where global-setup found none, which it says. */
export function onBothKinds(name: string, tests: (kind: Kind) => void): void {
  describe(`${name}, embedded`, () => {
    tests('embedded');
  });
  onPostgres(`${name}, PostgreSQL`, () => {
    tests('postgres');
  });
}

export function onPostgres(name: string, tests: () => void): void {
  (postgresUrl === undefined ? describe.skip : describe)(name, tests);
}

/** Fresh databases of one kind, and the stores that were opened on them; `end` closes and removes all. */
export class TestDatabases {
  private readonly folder: TemporaryFolder = temporaryFolder('store');
  private readonly opened: Store[] = [];
  private count = 0;

  constructor(private readonly kind: Kind) {}

  async fresh(): Promise<DatabasePlace> {
    if (this.kind === 'embedded') return { kind: 'embedded', path: join(this.folder.path, `${++this.count}.db`) };
    return { kind: 'postgres', url: await createDatabase(postgresUrl ?? '') };
  }

  async open(place: DatabasePlace, clock: Clock = new SystemClock(), settings = settingsFor(place)): Promise<Store> {
    const store = await Store.open(settings, clock, Logger.silent());
    this.opened.push(store);
    return store;
  }

  async end(): Promise<void> {
    await Promise.all(this.opened.map((store) => store.close()));
    this.folder.remove();
  }
}

export function settingsFor(place: DatabasePlace, startTimeoutMs = 0): StoreSettings {
  return new StoreSettings(place, 1_500, 100, 5, startTimeoutMs, 10_000);
}

export const ORIGIN: Origin = {
  actor: 'ann',
  tokenId: null,
  address: '127.0.0.1',
  requestId: 'request-1',
  reason: 'because',
};

/** A desired state that differs by its number. */
export function desired(number: number): DesiredState {
  const uri = `models:/iris/${number}`;
  return {
    current: {
      uri,
      requestedUri: 'models:/iris@champion',
      name: 'iris',
      version: String(number),
      digest: 'ab'.repeat(32),
    },
    next: null,
    previous: null,
    canaryProbability: 0.9,
    settings: { output: 'label', number },
  };
}
