import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Deployments } from '@understudy/model-slots';
import { Access } from '../access/access.decorator';
import { ApiProblems } from '../openapi/api-problems';
import { InputExampleAnswer, InputExampleQuery } from './input-example.dto';
import { readModelExample } from './model-example';

/** An input to try a deployment with: what its model was logged with. */
@ApiTags('Deployments')
@Access('view')
@Controller('deployments')
export class InputExampleController {
  constructor(private readonly deployments: Deployments) {}

  @Get(':deployment/input-example')
  @ApiOperation({
    summary: "The model's own input example, as rows for POST /predict",
    description:
      'As it was logged with the version (`input_example` of `log_model`), from the files on this machine: the registry is not ' +
      'asked. At most ten rows and 64 kB, of an example file of at most 256 kB.',
  })
  @ApiParam({ name: 'deployment', description: 'Its name.', example: 'default' })
  @ApiOkResponse({ type: InputExampleAnswer })
  @ApiProblems('invalid-body', 'deployment-not-found')
  async example(
    @Param('deployment') name: string,
    @Query() { slot = 'current' }: InputExampleQuery,
  ): Promise<InputExampleAnswer> {
    const version = this.deployments.named(name).held[slot];
    const example =
      version === null ? ({ ok: false, why: `${slot} holds no version` } as const) : await readModelExample(version);
    return {
      slot,
      uri: version?.identity.uri ?? null,
      rows: example.ok ? example.rows : null,
      totalRows: example.ok ? example.totalRows : 0,
      noneBecause: example.ok ? null : example.why,
    };
  }
}
