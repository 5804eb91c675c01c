import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { attemptOf } from '../audit/attempt-of';
import { ACCESS } from './access.decorator';
import { type Access, type AccessRefused, whyRefused } from './access-rule';
import { SAFE_METHODS } from './cross-site';
import { Gate } from './gate';
import { type AccessedRequest, refusedOriginOf } from './origin';
import { AccessTrail } from './access-trail';

/** Lets a request to a route behind Express pass, as the route's {@link Access} says. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly gate: Gate,
    private readonly trail: AccessTrail,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request & AccessedRequest>();
    const needed = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    // The start-up check finds these; should one appear later, nobody but an administrator gets in.
    const access = needed ?? 'administer';
    const refused = whyRefused(access, this.gate.identify(request));
    if (refused === undefined) return true;
    // Reads are left out: they change nothing, and would leave no room in the trail for attempts that would.
    const isChange = !SAFE_METHODS.has(request.method) && (access === 'operate' || access === 'administer');
    if (isChange) this.recordRefusal(request, refused);
    throw refused;
  }

  private recordRefusal(request: Request & AccessedRequest, { code, message }: AccessRefused): void {
    const named = attemptOf(request);
    this.trail.record({
      origin: refusedOriginOf(request),
      action: named?.action ?? 'ask',
      subject: named?.subject ?? `route:${request.method} ${templateOf(request)}`,
      before: null,
      after: null,
      outcome: 'refused',
      problem: { code, detail: message },
    });
  }
}

/** The path as the router has it: what stands in its place may be anything, a secret too. */
function templateOf(request: Request): string {
  return (request.route as { readonly path: string }).path;
}
