import { Body, Controller, Get, HttpCode, Post, Req, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { describeSplit } from '@understudy/canary';
import { type ChangeContext, Deployments } from '@understudy/model-slots';
import type { Request } from 'express';
import { Access } from '../access/access.decorator';
import { requestIdOf } from '../http/request-id';
import { ApiProblems } from '../openapi/api-problems';
import {
  CanaryAnswer,
  PromotionAnswer,
  RollbackAnswer,
  ServiceStatus,
  SetCanaryProbabilityRequest,
  UpdateModelAnswer,
  UpdateModelRequest,
} from './control.dto';
import { FloatFields } from './float-fields';

/** A change goes on when the client that asked for it goes away: half a change is nobody's wish. */
const NEVER = new AbortController().signal;

const contextOf = (request: Request): ChangeContext => ({ requestId: requestIdOf(request) });

/** The control routes of the deployment "default", with the bodies of the service that this one matches. */
@ApiTags('Canary deployment')
@UseInterceptors(FloatFields)
@Controller()
export class ControlController {
  constructor(private readonly deployments: Deployments) {}

  @Access('open')
  @Get()
  @ApiOperation({ summary: 'Whether the service runs, and which slots are loaded' })
  @ApiOkResponse({ type: ServiceStatus })
  service(): ServiceStatus {
    const { state, held } = this.deployments.default;
    return {
      status: 'Understudy MLflow service running',
      canary_probability: state.canaryProbability,
      current_model_loaded: held.current !== null,
      next_model_loaded: held.next !== null,
    };
  }

  @Access('operate')
  @Post('update-model')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Load a version into next',
    description:
      'Resolves the URI to one version, fetches its files, loads and warms it beside the running ones, then puts it into **next**. ' +
      'Answers when it is there. Whatever fails on the way, both slots stay as they were.',
  })
  @ApiOkResponse({ type: UpdateModelAnswer })
  @ApiProblems(
    'invalid-body',
    'invalid-json',
    'unsupported-media-type',
    'invalid-model-uri',
    'model-not-found',
    'model-version-not-found',
    'model-alias-not-found',
    'run-not-found',
    'change-conflict',
    'signature-conflict',
    'model-not-servable',
    'unsafe-model-files',
    'model-load-failed',
    'model-load-timeout',
    'registry-refused',
    'registry-bad-answer',
    'registry-unavailable',
    'storage-failed',
    'memory-short',
  )
  async updateModel(@Body() { model_uri }: UpdateModelRequest, @Req() request: Request): Promise<UpdateModelAnswer> {
    const state = await this.deployments.default.load(model_uri, 'load-next', contextOf(request), NEVER);
    return { status: `Next model updated from ${model_uri}`, canary_probability: state.canaryProbability };
  }

  @Access('operate')
  @Post('accept-next-model')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Promote next to current',
    description:
      'Next becomes current as well, and what current was is kept warm as **previous**. Nothing is loaded; the split stays as it is.',
  })
  @ApiOkResponse({ type: PromotionAnswer })
  @ApiProblems('change-conflict', 'next-not-ready')
  acceptNextModel(@Req() request: Request): PromotionAnswer {
    this.deployments.default.promote(contextOf(request));
    const { held } = this.deployments.default;
    return {
      status: 'Next model promoted to current. Both slots now use the same model.',
      current_model_loaded: held.current !== null,
      next_model_loaded: held.next !== null,
    };
  }

  @Access('operate')
  @Post('set-canary-probability')
  @HttpCode(200)
  @ApiOperation({ summary: 'Set the split between current and next' })
  @ApiOkResponse({ type: CanaryAnswer })
  @ApiProblems('invalid-body', 'invalid-json', 'unsupported-media-type')
  setCanaryProbability(@Body() { probability }: SetCanaryProbabilityRequest, @Req() request: Request): CanaryAnswer {
    const { canaryProbability } = this.deployments.default.setSplit(probability, contextOf(request));
    const { current, next } = describeSplit(canaryProbability);
    return {
      status: 'Canary probability updated',
      canary_probability: canaryProbability,
      current_model_percentage: current,
      next_model_percentage: next,
    };
  }

  @Access('operate')
  @Post('rollback')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Go back to the version before the last promotion',
    description:
      'Current and **previous** change places and current answers every request (the split returns to 1.0). A pointer flip: nothing ' +
      'is loaded, and neither registry nor disk is needed. Next stays loaded. A second rollback undoes the first.',
  })
  @ApiOkResponse({ type: RollbackAnswer })
  @ApiProblems('no-previous-version')
  rollBack(@Req() request: Request): RollbackAnswer {
    const { current, previous, canaryProbability } = this.deployments.default.rollBack(contextOf(request));
    return {
      status: `Rolled back to ${current?.uri ?? ''}, which now answers every request.`,
      canary_probability: canaryProbability,
      current_model: current?.uri ?? '',
      previous_model: previous?.uri ?? '',
    };
  }
}
