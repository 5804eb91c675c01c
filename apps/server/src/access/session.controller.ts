import { Body, Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessSettings, DomainError } from '@understudy/platform';
import type { AuditEntry } from '@understudy/store';
import type { Request, Response } from 'express';
import { ApiProblems } from '../openapi/api-problems';
import { Access } from './access.decorator';
import { AccessRefused, ANYBODY, type Caller, effectiveScopes, whyRefused } from './access-rule';
import { AccessTrail } from './access-trail';
import { isSecure } from './admission';
import { Gate } from './gate';
import { type AccessedRequest, senderOf } from './origin';
import { SessionAnswer, SignInRequest } from './session.dto';
import { forgetCookie, Sessions } from './sessions';
import { SignInLimits } from './sign-in-limits';

/** The sessions of browsers: a token is given once, and a cookie that no script can read stands for it. */
@ApiTags('Access')
@Access('open')
@Controller('session')
export class SessionController {
  constructor(
    private readonly gate: Gate,
    private readonly sessions: Sessions,
    private readonly limits: SignInLimits,
    private readonly trail: AccessTrail,
    private readonly settings: AccessSettings,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Sign in with a token',
    description:
      'Answers with a cookie (HttpOnly, SameSite=Strict) that stands for the token for 8 hours (UNDERSTUDY_SESSION_MS), or until it was not used for one. ' +
      'Requests with it that change something need the header `X-Understudy-Csrf` and come from a page of this server.',
  })
  @ApiOkResponse({ type: SessionAnswer })
  @ApiProblems('invalid-body', 'invalid-json', 'unauthenticated', 'cross-site-request', 'too-many-sign-ins')
  async signIn(
    @Body() { token }: SignInRequest,
    @Req() request: Request & AccessedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionAnswer> {
    if (this.settings.mode === 'none') return answerOf(ANYBODY, null);
    const address = request.understudyAddress ?? '';
    const wait = await this.limits.secondsToWait(address);
    if (wait > 0) throw tooMany(wait);
    const presented = this.gate.bearer.verify(token);
    if (presented.kind !== 'caller') {
      await this.limits.failed(address);
      const refused = whyRefused('view', presented) ?? new AccessRefused('unauthenticated', 'No token');
      this.record(request, 'sign-in', { outcome: 'refused', problem: { code: refused.code, detail: refused.message } });
      throw refused;
    }
    const { caller } = presented;
    const session = this.sessions.begin(caller.tokenId);
    request.understudyActor = caller;
    this.record(request, 'sign-in', { outcome: 'done', problem: null });
    response.setHeader('Set-Cookie', this.sessions.cookieOf(session, isSecure(request)));
    return answerOf(caller, this.sessions.latestEndOf(session));
  }

  @Get()
  @ApiOperation({ summary: 'Who is signed in, and what that allows' })
  @ApiOkResponse({ type: SessionAnswer })
  @ApiProblems('unauthenticated')
  show(@Req() request: Request & AccessedRequest): SessionAnswer {
    const { understudyActor: caller } = request;
    if (caller === undefined) throw whyRefused('view', this.gate.identify(request)) ?? new Error('nobody was let in');
    const verdict = request.headers.authorization === undefined ? this.gate.sessionOf(request) : undefined;
    return answerOf(caller, verdict?.ok === true ? this.sessions.latestEndOf(verdict.session) : null);
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Sign out of this browser',
    description: 'Takes the cookie away; this server refuses a copy of it.',
  })
  @ApiNoContentResponse({ description: 'Nobody is signed in any more.' })
  @ApiResponse({ status: 403, description: '`cross-site-request`: a page of another site asks for it.' })
  signOut(@Req() request: Request & AccessedRequest, @Res({ passthrough: true }) response: Response): void {
    const verdict = this.gate.sessionOf(request);
    if (verdict?.ok === true) {
      this.sessions.end(verdict.session);
      this.record(request, 'sign-out', { outcome: 'done', problem: null });
    }
    response.setHeader('Set-Cookie', forgetCookie(isSecure(request)));
  }

  private record(request: AccessedRequest, action: string, outcome: Pick<AuditEntry, 'outcome' | 'problem'>): void {
    this.trail.record({ origin: senderOf(request), action, subject: 'session', before: null, after: null, ...outcome });
  }
}

function answerOf(caller: Caller, expiresMs: number | null): SessionAnswer {
  return {
    actor: caller.actor,
    scopes: effectiveScopes(caller),
    expiresAt: expiresMs === null ? null : new Date(expiresMs).toISOString(),
  };
}

function tooMany(seconds: number): DomainError {
  return new DomainError(
    'too-many-sign-ins',
    `Too many sign-ins from your address failed; the next attempt is looked at in ${seconds} seconds`,
    { retryAfterSeconds: seconds },
  );
}
