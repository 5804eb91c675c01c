import { ApiProperty } from '@nestjs/swagger';
import { TOKEN_SCOPES, type TokenScope } from '@understudy/store';
import { Length } from 'class-validator';

export class SignInRequest {
  @ApiProperty({
    description: 'A token, or the one in UNDERSTUDY_ADMIN_TOKEN.',
    format: 'password',
    example: 'ust_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  })
  // The message must not show what came.
  @Length(1, 512, { message: 'token: expected a token of 1 to 512 characters' })
  readonly token!: string;
}

export class SessionAnswer {
  @ApiProperty({ description: 'Who is signed in: the name of the token.', example: 'ann' })
  readonly actor!: string;

  @ApiProperty({ description: 'Those that others include counted in.', enum: TOKEN_SCOPES, isArray: true })
  readonly scopes!: TokenScope[];

  @ApiProperty({
    description: 'When the session ends at the latest; null where there is none to end.',
    format: 'date-time',
    nullable: true,
    type: String,
  })
  readonly expiresAt!: string | null;
}
