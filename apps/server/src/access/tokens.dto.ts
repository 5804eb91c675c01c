import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { TOKEN_SCOPES, type TokenRecord, type TokenScope } from '@understudy/store';
import { ArrayMinSize, ArrayUnique, IsArray, IsIn, IsISO8601, IsOptional, IsString, Matches } from 'class-validator';

const SCOPES = `expected one or more of ${TOKEN_SCOPES.join(', ')}`;
const WHEN = 'expiresAt: expected a time as 2027-01-31T00:00:00Z';

export class CreateTokenRequest {
  @ApiProperty({ description: 'Who or what uses it; the audit trail shows this name.', example: 'ci' })
  @Matches(/^[^\p{Cc}\s](?:[^\p{Cc}]{0,98}[^\p{Cc}\s])?$/u, {
    message: 'name: expected a text of 1 to 100 characters in one line',
  })
  readonly name!: string;

  @ApiProperty({
    description: '`administer` includes all others, `operate` includes `view`, `predict` stands alone.',
    enum: TOKEN_SCOPES,
    isArray: true,
    example: ['predict'],
  })
  // The first that is not met is what is told.
  @IsArray({ message: `scopes: expected a list, with one or more of ${TOKEN_SCOPES.join(', ')}` })
  @IsIn(TOKEN_SCOPES, { each: true, message: `scopes: ${SCOPES}` })
  @ArrayUnique({ message: 'scopes: expected each scope once' })
  @ArrayMinSize(1, { message: `scopes: ${SCOPES}` })
  readonly scopes!: TokenScope[];

  @ApiPropertyOptional({
    description: 'From then on it is refused; left out for one that does not expire.',
    format: 'date-time',
    nullable: true,
    type: String,
    example: '2099-12-31T00:00:00Z',
  })
  @IsISO8601({ strict: true, strictSeparator: true }, { message: WHEN })
  @Matches(/(Z|[+-]\d\d:?\d\d)$/, { message: `${WHEN}, with its offset` })
  @IsOptional()
  readonly expiresAt?: string | null;

  @ApiPropertyOptional({ description: 'Why, for the audit trail.', example: 'for the nightly build' })
  @IsString({ message: 'reason: expected a text' })
  @IsOptional()
  readonly reason?: string;
}

export class TokenAnswer {
  @ApiProperty({ example: '0123456789abcdef' })
  readonly id!: string;

  @ApiProperty({ example: 'ci' })
  readonly name!: string;

  @ApiProperty({ enum: TOKEN_SCOPES, isArray: true, example: ['predict'] })
  readonly scopes!: readonly TokenScope[];

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;

  @ApiProperty({ description: 'Who created it.', example: 'admin (UNDERSTUDY_ADMIN_TOKEN)' })
  readonly createdBy!: string;

  @ApiProperty({ format: 'date-time', nullable: true, type: String })
  readonly expiresAt!: string | null;

  @ApiProperty({ format: 'date-time', nullable: true, type: String })
  readonly revokedAt!: string | null;

  @ApiProperty({ description: 'To the half minute.', format: 'date-time', nullable: true, type: String })
  readonly lastUsedAt!: string | null;
}

export class CreatedTokenAnswer extends TokenAnswer {
  @ApiProperty({
    description: 'The token itself: shown now and never again.',
    example: 'ust_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  })
  readonly token!: string;
}

export class TokensAnswer {
  @ApiProperty({ description: 'All, the revoked ones too, newest first.', type: [TokenAnswer] })
  readonly tokens!: TokenAnswer[];
}

export function toTokenAnswer({ id, name, scopes, createdBy, ...times }: TokenRecord): TokenAnswer {
  return {
    id,
    name,
    scopes,
    createdAt: times.createdAt.toISOString(),
    createdBy,
    expiresAt: times.expiresAt?.toISOString() ?? null,
    revokedAt: times.revokedAt?.toISOString() ?? null,
    lastUsedAt: times.lastUsedAt?.toISOString() ?? null,
  };
}
