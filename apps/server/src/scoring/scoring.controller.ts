import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Deployments } from '@understudy/model-slots';
import type { Request, Response } from 'express';
import { Access } from '../access/access.decorator';
import { HotDoor } from '../http/hot-door';
import { InvocationsAnswer, ScoringError } from './scoring.dto';

/** The MLflow whose scoring protocol this is; clients that ask get its number. */
const MLFLOW_VERSION = '3.17.2';

const EXAMPLES = {
  inputs: {
    summary: 'inputs: a tensor',
    value: {
      inputs: [
        [5.1, 3.5, 1.4, 0.2],
        [6.2, 3.4, 5.4, 2.3],
      ],
    },
  },
  dataframe_split: {
    summary: 'dataframe_split: a data frame as pandas writes it',
    value: {
      dataframe_split: {
        columns: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'],
        data: [[5.1, 3.5, 1.4, 0.2]],
      },
    },
  },
  dataframe_records: {
    summary: 'dataframe_records: an object for each row',
    value: {
      dataframe_records: [{ sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 }],
    },
  },
};

/** A drop-in for `mlflow models serve`. */
@ApiTags('MLflow scoring protocol')
@Controller()
export class ScoringController {
  constructor(
    private readonly door: HotDoor,
    private readonly deployments: Deployments,
  ) {}

  @Access('predict')
  @Post('invocations')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Predict, as clients of `mlflow models serve` ask',
    description:
      'Takes `dataframe_split`, `dataframe_records`, `inputs`, `instances` and CSV, with `X-Model-Slot`, `X-Canary-Key` and ' +
      '`X-Request-Timeout-Ms` as /predict does.',
  })
  @ApiBody({ schema: { type: 'object', additionalProperties: true }, examples: EXAMPLES })
  @ApiOkResponse({ type: InvocationsAnswer })
  @ApiResponse({
    status: 400,
    type: ScoringError,
    description: 'The body cannot be read or does not fit the signature.',
  })
  @ApiResponse({ status: 413, type: ScoringError, description: 'More bytes than UNDERSTUDY_MAX_JSON_BYTES.' })
  @ApiResponse({ status: 415, description: 'Neither JSON nor CSV; the sentence is plain text.' })
  @ApiResponse({ status: 500, type: ScoringError, description: 'The model failed.' })
  @ApiResponse({ status: 503, type: ScoringError, description: 'No version is ready, or too many requests wait.' })
  @ApiResponse({ status: 504, type: ScoringError, description: 'The model did not answer in time.' })
  async invocations(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.door.answer({ protocol: 'invocations' }, request, response);
  }

  @Access('open')
  @Get('ping')
  @ApiOperation({ summary: 'Whether a version answers, as MLflow’s scoring server says it' })
  @ApiProduces('application/json')
  @ApiOkResponse({ description: 'Current answers; the body is a line end.', schema: { type: 'string', example: '\n' } })
  @ApiResponse({ status: 404, description: 'Current holds no version that is ready.' })
  ping(@Res() response: Response): void {
    this.sayHealth(response);
  }

  @Access('view')
  @Get('health')
  @ApiOperation({ summary: 'The same as /ping' })
  @ApiProduces('application/json')
  @ApiOkResponse({ description: 'Current answers; the body is a line end.', schema: { type: 'string', example: '\n' } })
  @ApiResponse({ status: 404, description: 'Current holds no version that is ready.' })
  health(@Res() response: Response): void {
    this.sayHealth(response);
  }

  @Access('view')
  @Get('version')
  @ApiOperation({ summary: 'The version of MLflow whose scoring protocol is spoken' })
  @ApiProduces('application/json')
  @ApiOkResponse({ description: 'The bare number.', schema: { type: 'string', example: MLFLOW_VERSION } })
  version(@Res() response: Response): void {
    response.type('application/json').send(Buffer.from(MLFLOW_VERSION));
  }

  private sayHealth(response: Response): void {
    const ready = this.deployments.default.held.current?.isReady ?? false;
    response
      .status(ready ? 200 : 404)
      .type('application/json')
      .send(Buffer.from('\n'));
  }
}
