import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { describeSplit } from '@understudy/canary';
import { Deployments, FirstVersion } from '@understudy/model-slots';
import { ModelRegistry } from '@understudy/registry';
import { Access } from '../access/access.decorator';
import { describeSlot } from './describe-slot';
import { StatusAnswer } from './status.dto';

@ApiTags('Health')
@Access('view')
@Controller('status')
export class StatusController {
  constructor(
    private readonly deployments: Deployments,
    private readonly firstVersion: FirstVersion,
    private readonly registry: ModelRegistry,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Everything about the deployment "default": slots, runners, split, the load under way' })
  @ApiOkResponse({ type: StatusAnswer })
  status(): StatusAnswer {
    const { name, state, held, loading, lastChange } = this.deployments.default;
    return {
      deployment: name,
      generation: state.generation,
      canaryProbability: state.canaryProbability,
      split: describeSplit(state.canaryProbability),
      current: describeSlot(state.current, held.current),
      next: describeSlot(state.next, held.next),
      previous: describeSlot(state.previous, held.previous),
      loading,
      lastChange,
      waitingFor: this.firstVersion.missing,
      registry: this.registry.description,
    };
  }
}
