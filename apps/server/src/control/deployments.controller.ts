import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Req, Res, UseInterceptors } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { type ChangeOutcome, Changes, ManagedDeployments, Replicas, type ReplicaView } from '@understudy/control';
import { readDeploymentSettings } from '@understudy/model-slots';
import type { Request, Response } from 'express';
import { Access } from '../access/access.decorator';
import { senderOf } from '../access/origin';
import { HotDoor } from '../http/hot-door';
import { ApiProblems } from '../openapi/api-problems';
import { PredictAnswer, PredictRequest } from '../prediction/prediction.dto';
import { ApiChange, LOAD_ERRORS } from './api-change';
import { ChangeDoor, setETag } from './change-door';
import {
  CanaryAnswer,
  PromotionAnswer,
  RollbackAnswer,
  SetCanaryProbabilityRequest,
  UpdateModelAnswer,
  UpdateModelRequest,
} from './control.dto';
import {
  ChangeAnswer,
  DeploymentAnswer,
  DeploymentsAnswer,
  PutDeploymentRequest,
  ReasonRequest,
  RestoreRequest,
} from './deployment.dto';
import { DeploymentName } from './deployment-name';
import { describeChange, describeDeployment } from './describe-deployment';
import { FloatFields } from './float-fields';
import { specAnswers } from './spec-answers';

const Name = () => Param('deployment', DeploymentName);
const ApiName = () => ApiParam({ name: 'deployment', description: 'Its name.', example: 'default' });
const ApiId = () => ApiParam({ name: 'change', description: 'The id of a change.', format: 'uuid' });

/** Any number of deployments, each with the verbs that `default` has at the root. */
@ApiTags('Deployments')
@Access('view')
@Controller('deployments')
export class DeploymentsController {
  constructor(
    private readonly deployments: ManagedDeployments,
    private readonly changes: Changes,
    private readonly replicas: Replicas,
    private readonly door: ChangeDoor,
    private readonly predictions: HotDoor,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All deployments: what is wanted, what this replica serves, what is under way' })
  @ApiOkResponse({ type: DeploymentsAnswer })
  async list(): Promise<DeploymentsAnswer> {
    const replicas = await this.replicasIfKnown();
    return { deployments: this.deployments.all.map((managed) => describeDeployment(managed, replicas)) };
  }

  @Get(':deployment')
  @ApiOperation({ summary: 'One deployment, with the ETag of its generation' })
  @ApiName()
  @ApiOkResponse({ type: DeploymentAnswer })
  @ApiProblems('invalid-body', 'deployment-not-found')
  async show(@Name() name: string, @Res({ passthrough: true }) response: Response): Promise<DeploymentAnswer> {
    const managed = this.deployments.named(name);
    setETag(response, managed.wanted?.generation ?? 0);
    return describeDeployment(managed, await this.replicasIfKnown());
  }

  @Access('operate')
  @Put(':deployment')
  @ApiOperation({
    summary: 'Set the whole wanted state of a deployment; creates it where it is missing',
    description:
      'Loads what is not in memory, then replaces everything in one step. What current was stays warm as **previous**. ' +
      '`If-None-Match: *` only creates.',
  })
  @ApiName()
  @ApiHeader({ name: 'If-None-Match', required: false, description: '`*`: it must not exist yet.' })
  @ApiOkResponse({ type: DeploymentAnswer })
  @ApiCreatedResponse({ type: DeploymentAnswer, description: 'It was created.' })
  @ApiChange(...LOAD_ERRORS)
  async put(
    @Name() name: string,
    @Body() body: PutDeploymentRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const intent = {
      kind: 'replace',
      current: body.current,
      next: body.next ?? null,
      canaryProbability: body.canaryProbability ?? 1,
      settings: readDeploymentSettings(body.settings),
    } as const;
    const replicas = await this.replicasIfKnown();
    return this.door.make(request, response, name, intent, ({ before }: ChangeOutcome) => {
      if (before === null) response.status(201);
      return describeDeployment(this.deployments.named(name), replicas);
    });
  }

  @Access('operate')
  @Delete(':deployment')
  @ApiOperation({
    summary: 'Delete a deployment',
    description: 'Requests under way finish. `default` answers the routes without a name and cannot be deleted.',
  })
  @ApiName()
  @ApiOkResponse({ type: DeploymentAnswer, description: 'As it was.' })
  @ApiChange('deployment-not-found', 'deployment-protected')
  async remove(
    @Name() name: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const replicas = await this.replicasIfKnown();
    const managed = this.deployments.find(name);
    const asItWas = managed === undefined ? {} : describeDeployment(managed, replicas);
    return this.door.make(request, response, name, { kind: 'remove' }, () => asItWas);
  }

  @Access('predict')
  @Post(':deployment/predict')
  @HttpCode(200)
  @ApiOperation({ summary: 'Predict, as POST /predict does for `default`' })
  @ApiName()
  @ApiBody({ type: PredictRequest })
  @ApiOkResponse({ type: PredictAnswer })
  @ApiProblems(
    'deployment-not-found',
    'invalid-json',
    'invalid-body',
    'invalid-header',
    'body-too-large',
    'unsupported-media-type',
    'tensor-mismatch',
    'model-not-ready',
    'inference-failed',
    'inference-timeout',
    'overloaded',
  )
  async predict(@Param('deployment') name: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.predictions.answer({ protocol: 'predict', deployment: name }, request, response);
  }

  @Access('operate')
  @Post(':deployment/update-model')
  @HttpCode(200)
  @UseInterceptors(FloatFields)
  @ApiOperation({ summary: 'Load a version into next' })
  @ApiName()
  @ApiOkResponse({ type: UpdateModelAnswer })
  @ApiChange('deployment-not-found', ...LOAD_ERRORS)
  updateModel(
    @Name() name: string,
    @Body() { model_uri }: UpdateModelRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const intent = { kind: 'load-next', modelUri: model_uri } as const;
    return this.door.make(request, response, name, intent, specAnswers.updated(model_uri));
  }

  @Access('operate')
  @Post(':deployment/accept-next-model')
  @HttpCode(200)
  @ApiOperation({ summary: 'Promote next to current' })
  @ApiName()
  @ApiBody({ type: ReasonRequest, required: false })
  @ApiOkResponse({ type: PromotionAnswer })
  @ApiChange('deployment-not-found', 'next-not-ready', 'replicas-not-ready')
  acceptNextModel(
    @Name() name: string,
    @Body() _: ReasonRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.door.make(request, response, name, { kind: 'promote' }, specAnswers.promoted);
  }

  @Access('operate')
  @Post(':deployment/set-canary-probability')
  @HttpCode(200)
  @UseInterceptors(FloatFields)
  @ApiOperation({ summary: 'Set the split between current and next' })
  @ApiName()
  @ApiOkResponse({ type: CanaryAnswer })
  @ApiChange('deployment-not-found')
  setCanaryProbability(
    @Name() name: string,
    @Body() { probability }: SetCanaryProbabilityRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const intent = { kind: 'set-split', canaryProbability: probability } as const;
    return this.door.make(request, response, name, intent, specAnswers.split);
  }

  @Access('operate')
  @Post(':deployment/rollback')
  @HttpCode(200)
  @UseInterceptors(FloatFields)
  @ApiOperation({ summary: 'Go back to the version before the last promotion' })
  @ApiName()
  @ApiBody({ type: ReasonRequest, required: false })
  @ApiOkResponse({ type: RollbackAnswer })
  @ApiChange('deployment-not-found', 'no-previous-version')
  rollBack(
    @Name() name: string,
    @Body() _: ReasonRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.door.make(request, response, name, { kind: 'roll-back' }, specAnswers.rolledBack);
  }

  @Access('operate')
  @Post(':deployment/unload-next')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Empty next, so that its runner ends',
    description: 'Refused while next answers a share of the requests.',
  })
  @ApiName()
  @ApiBody({ type: ReasonRequest, required: false })
  @ApiOkResponse({ type: DeploymentAnswer })
  @ApiChange('deployment-not-found', 'next-in-use')
  async unloadNext(
    @Name() name: string,
    @Body() _: ReasonRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.makeAndShow(request, response, name, { kind: 'unload-next' });
  }

  @Access('operate')
  @Post(':deployment/restore')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Go back to an earlier state of the history',
    description: 'Slots, split and settings as they were at that generation, as a new generation.',
  })
  @ApiName()
  @ApiOkResponse({ type: DeploymentAnswer })
  @ApiChange('deployment-not-found', 'generation-not-found', 'version-changed', ...LOAD_ERRORS)
  async restore(
    @Name() name: string,
    @Body() { generation }: RestoreRequest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.makeAndShow(request, response, name, { kind: 'restore', generation });
  }

  @Get(':deployment/changes/:change')
  @ApiOperation({ summary: 'Follow a change: its step, bytes, times, and what came of it' })
  @ApiName()
  @ApiId()
  @ApiOkResponse({ type: ChangeAnswer })
  @ApiProblems('invalid-body', 'change-not-found')
  follow(@Name() name: string, @Param('change') id: string): ChangeAnswer {
    return describeChange(this.changes.find(name, id));
  }

  @Access('operate')
  @Delete(':deployment/changes/:change')
  @ApiOperation({ summary: 'Cancel a change that is under way' })
  @ApiName()
  @ApiId()
  @ApiOkResponse({ type: ChangeAnswer })
  @ApiProblems('invalid-body', 'change-not-found', 'change-conflict')
  cancel(@Name() name: string, @Param('change') id: string, @Req() request: Request): ChangeAnswer {
    const change = this.changes.find(name, id);
    const { actor, requestId } = senderOf(request);
    change.cancel(`by ${actor} (request ${requestId})`);
    return describeChange(change);
  }

  private async makeAndShow(
    request: Request,
    response: Response,
    name: string,
    intent: Parameters<ChangeDoor['make']>[3],
  ): Promise<object> {
    const replicas = await this.replicasIfKnown();
    return this.door.make(request, response, name, intent, () =>
      describeDeployment(this.deployments.named(name), replicas),
    );
  }

  /** Null while the database does not answer: what this replica serves is shown all the same. */
  private async replicasIfKnown(): Promise<readonly ReplicaView[] | null> {
    return this.replicas.list().catch(() => null);
  }
}
