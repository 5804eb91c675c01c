import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { DeclaredItem } from '@understudy/inference';
import { DomainError, RegistrySettings } from '@understudy/platform';
import { isModelName, ModelRegistry, type PageRequest, type RegisteredVersion } from '@understudy/registry';
import { Access } from '../access/access.decorator';
import { ApiProblems } from '../openapi/api-problems';
import {
  type DeclaredItemAnswer,
  PageQuery,
  RegisteredModelsAnswer,
  type RegisteredVersionAnswer,
  RegisteredVersionsAnswer,
} from './registry.dto';

const DEFAULT_PAGE_SIZE = 20;

/** A listing asks the registry many things; together they may take this many times what one request may. */
const REQUESTS_IN_A_ROW = 3;
const FOLDER_TIMEOUT_MS = 10_000;

/** What could be deployed. */
@ApiTags('Registry')
@Access('view')
@Controller('registry')
export class RegistryController {
  private readonly timeoutMs: number;

  constructor(
    private readonly registry: ModelRegistry,
    { source }: RegistrySettings,
  ) {
    this.timeoutMs = source.kind === 'mlflow' ? source.requestTimeoutMs * REQUESTS_IN_A_ROW : FOLDER_TIMEOUT_MS;
  }

  @Get('models')
  @ApiOperation({ summary: 'Registered models, by name' })
  @ApiOkResponse({ type: RegisteredModelsAnswer })
  @ApiProblems('invalid-body', 'registry-refused', 'registry-bad-answer', 'registry-unavailable')
  async models(@Query() query: PageQuery): Promise<RegisteredModelsAnswer> {
    const { items, nextPageToken } = await this.registry.listModels(toPage(query), AbortSignal.timeout(this.timeoutMs));
    return { models: [...items], nextPageToken };
  }

  @Get('models/:name/versions')
  @ApiOperation({ summary: 'Versions of a model with metrics, params, aliases and tags, the newest first' })
  @ApiParam({ name: 'name', example: 'tracking-quickstart' })
  @ApiOkResponse({ type: RegisteredVersionsAnswer })
  @ApiProblems('invalid-body', 'model-not-found', 'registry-refused', 'registry-bad-answer', 'registry-unavailable')
  async versions(@Param('name') name: string, @Query() query: PageQuery): Promise<RegisteredVersionsAnswer> {
    if (!isModelName(name))
      throw new DomainError('invalid-body', 'name: expected the name of a registered model, without / \\ or :');
    const { items, nextPageToken } = await this.registry.listVersions(
      name,
      toPage(query),
      AbortSignal.timeout(this.timeoutMs),
    );
    return { versions: items.map(toAnswer), nextPageToken };
  }
}

function toPage({ pageSize = DEFAULT_PAGE_SIZE, pageToken }: PageQuery): PageRequest {
  return { pageSize, pageToken };
}

function toAnswer({ servable, aliases, flavors, signature, ...version }: RegisteredVersion): RegisteredVersionAnswer {
  return {
    ...version,
    aliases: [...aliases],
    flavors: [...flavors],
    servable: servable.ok,
    notServableBecause: servable.ok ? null : servable.why,
    makeServableWith: servable.ok ? null : (servable.command ?? null),
    signature:
      signature === null ? null : { inputs: signature.inputs.map(toItem), outputs: signature.outputs.map(toItem) },
  };
}

function toItem(item: DeclaredItem): DeclaredItemAnswer {
  const name = item.name ?? null;
  return item.kind === 'tensor'
    ? { name, type: item.datatype ?? 'unknown', shape: [...item.shape], required: true }
    : { name, type: item.type, shape: null, required: item.required };
}
