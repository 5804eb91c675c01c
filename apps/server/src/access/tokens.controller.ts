import { Body, Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { askedBy } from '@understudy/control';
import { Clock, DomainError, Logger } from '@understudy/platform';
import { TokenStore, TokenVerifier } from '@understudy/store';
import type { Request } from 'express';
import { ApiProblems } from '../openapi/api-problems';
import { Access } from './access.decorator';
import { originOf } from './origin';
import { isOwnActor } from './own-actors';
import { CreatedTokenAnswer, CreateTokenRequest, TokenAnswer, TokensAnswer, toTokenAnswer } from './tokens.dto';

const ID = /^[0-9a-f]{16}$/;

/** Who may come in: the tokens of programs and people. */
@ApiTags('Access')
@Access('administer')
@Controller('tokens')
export class TokensController {
  constructor(
    private readonly tokens: TokenStore,
    private readonly verifier: TokenVerifier,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The tokens, without what is secret of them' })
  @ApiOkResponse({ type: TokensAnswer })
  @ApiProblems('database-unavailable')
  async list(): Promise<TokensAnswer> {
    return { tokens: (await this.tokens.list()).map(toTokenAnswer) };
  }

  @Post()
  @ApiOperation({
    summary: 'Create a token',
    description: 'The answer shows the token; only its hash is kept, and it is never shown again.',
  })
  @ApiCreatedResponse({ type: CreatedTokenAnswer })
  @ApiProblems('invalid-body', 'invalid-json', 'database-unavailable', 'change-outcome-unknown')
  async create(@Body() body: CreateTokenRequest, @Req() request: Request): Promise<CreatedTokenAnswer> {
    const expiresAt = body.expiresAt == null ? null : new Date(body.expiresAt);
    if (expiresAt !== null && expiresAt <= this.clock.now()) {
      throw new DomainError('invalid-body', `expiresAt: expected a time to come, got ${expiresAt.toISOString()}`);
    }
    const { name, scopes } = body;
    if (isOwnActor(name)) {
      throw new DomainError(
        'invalid-body',
        `name: the audit trail has ${JSON.stringify(name)} for the server itself or for callers without a stored token; choose another`,
      );
    }
    const origin = originOf(request);
    const { token, record } = await this.tokens.create({ name, scopes, expiresAt }, origin);
    this.logger.info('A token was created', { token: record.id, name, scopes: scopes.join(' '), ...askedBy(origin) });
    await this.verifier.refresh();
    return Object.assign(toTokenAnswer(record), { token });
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Revoke a token, for ever',
    description: 'It is refused here at once and on every replica within a second, and its sessions end with it.',
  })
  @ApiParam({ name: 'id', example: '0123456789abcdef' })
  @ApiOkResponse({ type: TokenAnswer })
  @ApiProblems('token-not-found', 'database-unavailable', 'change-outcome-unknown')
  async revoke(@Param('id') id: string, @Req() request: Request): Promise<TokenAnswer> {
    // Whoever sends a whole token in its place must not find it in the audit trail.
    if (!ID.test(id)) {
      throw new DomainError(
        'token-not-found',
        'There is no such token: an id is 16 hexadecimal digits, see GET /tokens',
      );
    }
    const origin = originOf(request);
    const record = await this.tokens.revoke(id, origin);
    this.logger.info('A token was revoked', { token: id, name: record.name, ...askedBy(origin) });
    await this.verifier.refresh();
    return toTokenAnswer(record);
  }
}
