import { Body, Controller, Get, HttpCode, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DEFAULT_DEPLOYMENT, Deployments } from '@understudy/model-slots';
import type { Request, Response } from 'express';
import { Access } from '../access/access.decorator';
import { ApiChange, LOAD_ERRORS } from './api-change';
import { ChangeDoor } from './change-door';
import {
  CanaryAnswer,
  PromotionAnswer,
  RollbackAnswer,
  ServiceStatus,
  SetCanaryProbabilityRequest,
  UpdateModelAnswer,
  UpdateModelRequest,
} from './control.dto';
import { ReasonRequest } from './deployment.dto';
import { FloatFields } from './float-fields';
import { specAnswers } from './spec-answers';

/** The control routes of the deployment "default", with the bodies of the service that this one matches. */
@ApiTags('Canary deployment')
@UseInterceptors(FloatFields)
@Controller()
export class ControlController {
  constructor(
    private readonly deployments: Deployments,
    private readonly door: ChangeDoor,
  ) {}

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
  @ApiChange(...LOAD_ERRORS)
  updateModel(
    @Body() { model_uri }: UpdateModelRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const intent = { kind: 'load-next', modelUri: model_uri } as const;
    return this.door.make(request, response, DEFAULT_DEPLOYMENT, intent, specAnswers.updated(model_uri));
  }

  @Access('operate')
  @Post('accept-next-model')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Promote next to current',
    description:
      'Next becomes current as well, and what current was is kept warm as **previous**. Nothing is loaded; the split stays as it is. ' +
      'Waits until the live replicas hold next.',
  })
  @ApiBody({ type: ReasonRequest, required: false })
  @ApiOkResponse({ type: PromotionAnswer })
  @ApiChange('next-not-ready', 'replicas-not-ready')
  acceptNextModel(
    @Body() _: ReasonRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.door.make(request, response, DEFAULT_DEPLOYMENT, { kind: 'promote' }, specAnswers.promoted);
  }

  @Access('operate')
  @Post('set-canary-probability')
  @HttpCode(200)
  @ApiOperation({ summary: 'Set the split between current and next' })
  @ApiOkResponse({ type: CanaryAnswer })
  @ApiChange()
  setCanaryProbability(
    @Body() { probability }: SetCanaryProbabilityRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const intent = { kind: 'set-split', canaryProbability: probability } as const;
    return this.door.make(request, response, DEFAULT_DEPLOYMENT, intent, specAnswers.split);
  }

  @Access('operate')
  @Post('rollback')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Go back to the version before the last promotion',
    description:
      'Current and **previous** change places and current answers every request (the split returns to 1.0). A pointer flip: nothing ' +
      'is loaded, and neither registry, database nor disk is needed. Next stays loaded. A second rollback undoes the first. While the ' +
      'database is away the answer has `X-Change-Recorded: later`.',
  })
  @ApiBody({ type: ReasonRequest, required: false })
  @ApiOkResponse({ type: RollbackAnswer })
  @ApiChange('no-previous-version')
  rollBack(
    @Body() _: ReasonRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.door.make(request, response, DEFAULT_DEPLOYMENT, { kind: 'roll-back' }, specAnswers.rolledBack);
  }
}
