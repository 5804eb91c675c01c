import { Controller, Get, HttpCode, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { DatabaseWatch, FirstVersion, ManagedDeployments, Reconciler } from '@understudy/control';
import type { Response } from 'express';
import { Drain } from '../http/drain';

export class LiveAnswer {
  @ApiProperty({ example: true })
  readonly live!: boolean;
}

export class ReadinessCheck {
  @ApiProperty({ example: 'current' })
  readonly name!: string;

  @ApiProperty({ example: true })
  readonly ok!: boolean;

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
@Controller()
export class HealthController {
  constructor(
    private readonly deployments: ManagedDeployments,
    private readonly firstVersion: FirstVersion,
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
  ready(@Res({ passthrough: true }) response: Response): ReadyAnswer {
    const checks = [this.checkDrain(), this.checkCurrent()];
    const ready = checks.every(({ ok }) => ok);
    if (!ready) response.status(503);
    return { ready, checks: [...checks, ...this.degradations()] };
  }

  /** What is wrong and keeps nobody from predicting: listed as not ok, while the server is ready. */
  private degradations(): ReadinessCheck[] {
    const { problem } = this.database;
    if (problem === null) return [];
    const since = problem.since.toISOString();
    const found = `degraded since ${since}: changes are refused, predictions go on (${problem.problem})`;
    return [{ name: 'database', ok: false, found }];
  }

  private checkDrain(): ReadinessCheck {
    const ok = !this.drain.isDraining;
    return { name: 'running', ok, found: ok ? 'the server takes requests' : 'the server is stopping' };
  }

  private checkCurrent(): ReadinessCheck {
    const { served, wanted, problems } = this.deployments.default;
    const { current } = served.held;
    if (current !== null) {
      const { state, lastProblem } = current.runner.status;
      const why = current.isReady || lastProblem === null ? '' : `: ${lastProblem}`;
      return { name: 'current', ok: current.isReady, found: `${current.identity.uri} is ${state}${why}` };
    }
    if (!this.reconciler.knowsWanted) return { name: 'current', ok: false, found: 'the database was not read yet' };
    const { missing } = this.firstVersion;
    return {
      name: 'current',
      ok: false,
      found:
        missing === null
          ? (problems.get('current')?.detail ?? `${wanted?.current?.uri ?? ''} is being loaded`)
          : `waiting for ${missing.modelUri}: ${missing.problem}. Register it, or name another in UNDERSTUDY_MODEL_URI; ` +
            'it is looked for every few seconds',
    };
  }
}
