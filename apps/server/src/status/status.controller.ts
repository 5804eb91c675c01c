import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { describeSplit } from '@understudy/canary';
import { DatabaseWatch, FirstVersion, ManagedDeployments, RecordQueue } from '@understudy/control';
import { ModelRegistry } from '@understudy/registry';
import { Access } from '../access/access.decorator';
import { WorkerLink } from '../workers/worker-link';
import { describeLastChange, describeLoading } from './describe-loading';
import { describeSlot } from './describe-slot';
import { StatusAnswer } from './status.dto';

@ApiTags('Health')
@Access('view')
@Controller('status')
export class StatusController {
  constructor(
    private readonly deployments: ManagedDeployments,
    private readonly firstVersion: FirstVersion,
    private readonly registry: ModelRegistry,
    private readonly database: DatabaseWatch,
    private readonly records: RecordQueue,
    private readonly workers: WorkerLink,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Everything about the deployment "default": slots, runners, split, the load under way' })
  @ApiOkResponse({ type: StatusAnswer })
  status(): StatusAnswer {
    const { served, preparing, converging, lastChange, problems } = this.deployments.default;
    const { name, state, held } = served;
    const underWay = preparing ?? converging;
    const trouble = this.database.problem;
    const { missing } = this.firstVersion;
    return {
      deployment: name,
      generation: state.generation,
      canaryProbability: state.canaryProbability,
      split: describeSplit(state.canaryProbability),
      current: describeSlot(state.current, held.current),
      next: describeSlot(state.next, held.next),
      previous: describeSlot(state.previous, held.previous),
      loading: underWay === null ? null : describeLoading(underWay, this.deployments.default),
      lastChange: lastChange === null ? null : describeLastChange(lastChange),
      problems: [...problems].map(([slot, problem]) => ({ slot, ...problem })),
      database: {
        ok: trouble === null,
        problem: trouble?.problem ?? null,
        since: trouble?.since ?? null,
        unrecorded: this.records.waiting,
      },
      waitingFor: missing === null ? null : { ...missing, problem: missing.problem ?? 'it is being loaded' },
      workers: [...this.workers.workers],
      registry: this.registry.description,
    };
  }
}
