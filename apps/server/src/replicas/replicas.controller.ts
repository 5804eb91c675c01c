import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Replicas } from '@understudy/control';
import { Access } from '../access/access.decorator';
import { ApiProblems } from '../openapi/api-problems';
import { ReplicasAnswer } from './replicas.dto';

/** The servers on this database, and what each has reached. */
@ApiTags('Replicas')
@Access('view')
@Controller('replicas')
export class ReplicasController {
  constructor(private readonly replicas: Replicas) {}

  @Get()
  @ApiOperation({ summary: 'The replicas heard of in the last day, what each serves, and who is behind' })
  @ApiOkResponse({ type: ReplicasAnswer })
  @ApiProblems('database-unavailable')
  async list(): Promise<ReplicasAnswer> {
    const replicas = await this.replicas.list();
    return {
      replicas: replicas.map(({ deployments, behind, ...replica }) => ({
        ...replica,
        behind: [...behind],
        deployments: deployments.map(({ slots, ...report }) => ({ ...report, slots: [...slots] })),
      })),
      wanted: { ...this.replicas.wanted },
    };
  }
}
