import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DatabaseWatch } from '@understudy/control';
import { Deployments, type RunnerStatus } from '@understudy/model-slots';
import { AccessSettings, Clock, RELEASE } from '@understudy/platform';
import { ModelCache, ModelRegistry } from '@understudy/registry';
import { StoreSettings } from '@understudy/store';
import { Access } from '../access/access.decorator';
import { Dependencies } from '../health/dependencies';
import { type CacheAnswer, SystemAnswer, type SystemRunnersAnswer } from './system.dto';

/** How long the answer waits for the database and the registry; longer tells what was found before. */
const PATIENCE_MS = 250;

const DATABASES = { embedded: 'an embedded database', postgres: 'PostgreSQL' } as const;

/** What a person asks of one replica as a program: which release, how long, on what it stands. */
@ApiTags('Replicas')
@Access('view')
@Controller('system')
export class SystemController {
  constructor(
    private readonly deployments: Deployments,
    private readonly registry: ModelRegistry,
    private readonly cache: ModelCache,
    private readonly store: StoreSettings,
    private readonly watch: DatabaseWatch,
    private readonly dependencies: Dependencies,
    private readonly access: AccessSettings,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'This replica: release, memory, registry, database, model cache, runners' })
  @ApiOkResponse({ type: SystemAnswer })
  async system(): Promise<SystemAnswer> {
    const [registry, database] = await Promise.all([
      this.dependencies.registry.ask(PATIENCE_MS),
      this.dependencies.database.ask(PATIENCE_MS),
    ]);
    const uptimeSeconds = Math.floor(process.uptime());
    const trouble = this.watch.problem?.problem ?? database.problem;
    return {
      release: RELEASE,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      startedAt: new Date(this.clock.now().getTime() - uptimeSeconds * 1000),
      uptimeSeconds,
      memoryBytes: process.memoryUsage.rss(),
      access: this.access.mode,
      registry: { kind: this.registry.description, ...registry },
      database: { kind: DATABASES[this.store.place.kind], ok: trouble === null, problem: trouble },
      cache: await this.cacheIfReadable(),
      runners: inAll(this.runnersInSlots()),
    };
  }

  private async cacheIfReadable(): Promise<CacheAnswer | null> {
    try {
      const { bytes, maxBytes, versions } = await this.cache.usage();
      return { bytes, maxBytes, versions: versions.length };
    } catch {
      return null;
    }
  }

  /** Each once, however many slots share it. */
  private runnersInSlots(): RunnerStatus[] {
    const versions = new Set(this.deployments.all.flatMap(({ held }) => Object.values(held)));
    return [...versions].filter((version) => version !== null).map(({ runner }) => runner.status);
  }
}

function inAll(statuses: readonly RunnerStatus[]): SystemRunnersAnswer {
  const processes = statuses.flatMap(({ runners }) => runners);
  const known = processes.map(({ memoryBytes }) => memoryBytes).filter((bytes) => bytes !== null);
  return {
    processes: processes.length,
    ready: processes.filter(({ state }) => state === 'ready').length,
    restarts: processes.reduce((sum, { restarts }) => sum + restarts, 0),
    memoryBytes: known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0),
  };
}
