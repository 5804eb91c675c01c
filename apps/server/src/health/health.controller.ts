import { Controller, Get, HttpCode, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { DatabaseWatch, FirstVersion, ManagedDeployments, Reconciler } from '@understudy/control';
import type { Response } from 'express';
import { Access } from '../access/access.decorator';
import { Drain } from '../http/drain';
import { Dependencies } from './dependencies';

/** How long a probe waits for the database to answer; then it tells what it found before. */
const PATIENCE_MS = 250;

export class LiveAnswer {
  @ApiProperty({ example: true })
  readonly live!: boolean;
}

export class ReadinessCheck {
  @ApiProperty({ example: 'current' })
  readonly name!: string;

  @ApiProperty({ example: true })
  readonly ok!: boolean;

  @ApiProperty({ description: 'Whether the server is not ready without it.', example: true })
  readonly required!: boolean;

  @ApiProperty({ description: 'What was found.', example: 'models:/tracking-quickstart/1 is ready' })
  readonly found!: string;
}

export class ReadyAnswer {
  @ApiProperty({ description: 'Whether traffic should come here.', example: true })
  readonly ready!: boolean;

  @ApiProperty({
    type: [ReadinessCheck],
    description: 'One that is not ok while the server is ready only degrades it.',
  })
  readonly checks!: ReadinessCheck[];
}

/** For Kubernetes, load balancers and compose files. */
@ApiTags('Health')
@Access('open')
@Controller()
export class HealthController {
  constructor(
    private readonly deployments: ManagedDeployments,
    private readonly firstVersion: FirstVersion,
    private readonly dependencies: Dependencies,
    private readonly reconciler: Reconciler,
    private readonly database: DatabaseWatch,
    private readonly drain: Drain,
  ) {}

  @Get('livez')
  @ApiOperation({ summary: 'Whether the process works; restart it where it does not' })
  @ApiOkResponse({ type: LiveAnswer })
  live(): LiveAnswer {
    return { live: true };
  }

  @Get('readyz')
  @HttpCode(200)
  @ApiOperation({ summary: 'Whether predictions can be answered, and what each check found' })
  @ApiOkResponse({ type: ReadyAnswer })
  @ApiServiceUnavailableResponse({ type: ReadyAnswer, description: 'Not now; the checks say why.' })
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadyAnswer> {
    const checks = [this.checkDrain(), this.checkCurrent(), await this.checkDatabase()];
    const ready = checks.every(({ ok, required }) => ok || !required);
    if (!ready) response.status(503);
    return { ready, checks };
  }

  private checkDrain(): ReadinessCheck {
    const ok = !this.drain.isDraining;
    return { name: 'running', ok, required: true, found: ok ? 'the server takes requests' : 'the server is stopping' };
  }

  private checkCurrent(): ReadinessCheck {
    const { served, wanted, problems } = this.deployments.default;
    const { current } = served.held;
    if (current !== null) {
      const { state, lastProblem } = current.runner.status;
      const why = current.isReady || lastProblem === null ? '' : `: ${lastProblem}`;
      return {
        name: 'current',
        ok: current.isReady,
        required: true,
        found: `${current.identity.uri} is ${state}${why}`,
      };
    }
    if (!this.reconciler.knowsWanted)
      return { name: 'current', ok: false, required: true, found: 'the database was not read yet' };
    const { missing } = this.firstVersion;
    return {
      name: 'current',
      ok: false,
      required: true,
      found:
        missing === null
          ? (problems.get('current')?.detail ?? `${wanted?.current?.uri ?? ''} is being loaded`)
          : whyMissing(missing),
    };
  }

  /** Predictions go on without it, so it does not take the server out of the balance. */
  private async checkDatabase(): Promise<ReadinessCheck> {
    const { ok, problem } = await this.dependencies.database.ask(PATIENCE_MS);
    const known = this.database.problem;
    const since = known === null ? '' : ` since ${known.since.toISOString()}`;
    const why = known?.problem ?? problem;
    const isWell = ok && known === null;
    const found = isWell ? 'it answers' : `degraded${since}: changes are refused, predictions go on (${why ?? ''})`;
    return { name: 'database', ok: isWell, required: false, found };
  }
}

function whyMissing({ modelUri, problem }: NonNullable<FirstVersion['missing']>): string {
  if (problem === null) return `${modelUri} is being loaded`;
  return (
    `waiting for ${modelUri}: ${problem}. Register it, or name another in UNDERSTUDY_MODEL_URI; ` +
    'it is looked for every few seconds'
  );
}
