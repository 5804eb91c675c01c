import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Access } from '../access/access.decorator';
import { Metrics } from './metrics';

/** For Prometheus. */
@ApiTags('Health')
@Access('view')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @ApiOperation({
    summary: "Metrics in Prometheus's text format",
    description: 'docs/operations.md lists them; docs/prometheus has alert rules.',
  })
  @ApiProduces('text/plain')
  @ApiOkResponse({
    schema: {
      type: 'string',
      example: '# TYPE understudy_slot_ready gauge\nunderstudy_slot_ready{deployment="default",slot="current"} 1\n',
    },
  })
  async text(@Res() response: Response): Promise<void> {
    const text = await this.metrics.text();
    response.setHeader('Content-Type', this.metrics.contentType);
    response.end(text);
  }
}
