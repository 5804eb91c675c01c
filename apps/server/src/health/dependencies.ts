import { Injectable } from '@nestjs/common';
import { Clock, messageOf } from '@understudy/platform';
import { ModelRegistry } from '@understudy/registry';
import { DatabaseHealth } from '@understudy/store';
import { Watched } from './watched';

/** A look is no older than this when it is asked for. */
const DATABASE_MS = 5_000;
const REGISTRY_MS = 30_000;

/** After this the registry counts as away. */
const REGISTRY_TIMEOUT_MS = 5_000;

/** What the server uses and predicts without. */
@Injectable()
export class Dependencies {
  readonly database: Watched;
  readonly registry: Watched;

  constructor(database: DatabaseHealth, registry: ModelRegistry, clock: Clock) {
    this.database = new Watched(() => database.check(), DATABASE_MS, clock);
    this.registry = new Watched(() => askRegistry(registry), REGISTRY_MS, clock);
  }
}

async function askRegistry(registry: ModelRegistry): Promise<void> {
  const signal = AbortSignal.timeout(REGISTRY_TIMEOUT_MS);
  try {
    await registry.listModels({ pageSize: 1, pageToken: undefined }, signal);
  } catch (error) {
    throw new Error(signal.aborted ? `it did not answer within ${REGISTRY_TIMEOUT_MS} ms` : messageOf(error), {
      cause: error,
    });
  }
}
