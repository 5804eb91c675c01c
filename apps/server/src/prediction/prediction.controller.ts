import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Access } from '../access/access.decorator';
import { HotDoor } from '../http/hot-door';
import { ApiProblems } from '../openapi/api-problems';
import { ConstantPrediction, PredictAnswer, PredictRequest } from './prediction.dto';

/** The documented way to predictions. Requests usually do not get here: the hot door takes them first. */
@ApiTags('Prediction')
@Access('predict')
@Controller('predict')
export class PredictionController {
  constructor(private readonly door: HotDoor) {}

  @Get()
  @ApiOperation({ summary: 'A constant answer, to try the connection' })
  @ApiOkResponse({ type: ConstantPrediction })
  constant(): ConstantPrediction {
    return { y_pred: 2 };
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Predict, with current or next',
    description:
      'Answers from current or next, as the split says. Rows of many requests run together where that was proven to change nothing.',
  })
  @ApiHeader({
    name: 'X-Canary-Key',
    required: false,
    description: 'A user, session or tenant: the same key gets the same slot while the split stands, on every replica.',
  })
  @ApiHeader({
    name: 'X-Model-Slot',
    required: false,
    description: 'Answer from this slot or not at all.',
    schema: { enum: ['current', 'next'] },
  })
  @ApiHeader({
    name: 'X-Request-Timeout-Ms',
    required: false,
    description: 'Answer within this many milliseconds, or refuse.',
    schema: { type: 'integer', minimum: 1 },
  })
  @ApiBody({
    type: PredictRequest,
    examples: {
      rows: {
        summary: 'Rows',
        value: {
          data: [
            [5.1, 3.5, 1.4, 0.2],
            [6.2, 3.4, 5.4, 2.3],
          ],
        },
      },
      named: {
        summary: 'Named columns',
        value: { data: [{ sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 }] },
      },
    },
  })
  @ApiOkResponse({
    type: PredictAnswer,
    headers: {
      'X-Request-Id': { description: 'Of the request, or fresh.', schema: { type: 'string' } },
      'X-Model-Used': { description: 'The slot that answered.', schema: { type: 'string' } },
      'X-Model-Version': { description: 'The version that answered.', schema: { type: 'string' } },
    },
  })
  @ApiProblems(
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
  async predict(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.door.answer({ protocol: 'predict', deployment: undefined }, request, response);
  }
}
