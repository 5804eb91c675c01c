import { AccessSettings, HttpSettings } from '@understudy/platform';
import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { type Access, whyRefused } from './access-rule';
import { AllowedHosts } from './allowed-hosts';
import { Gate } from './gate';
import type { AccessedRequest } from './origin';
import { Sessions } from './sessions';
import { sourceAddress } from './source-address';

/** What anybody may send, also who has not said who he is: a sign-in. */
const SIGN_IN_PATH = '/session';
const MOST_BYTES_OF_SIGN_IN = 16 * 1024;

/** Which scope a body is read for, on the paths where it is not `operate`; those of predictions are read by their protocols. */
const BODY_IS_FOR: ReadonlyMap<string, Access> = new Map<string, Access>([
  [SIGN_IN_PATH, 'open'],
  ['/tokens', 'administer'],
  ['/v2/repository/index', 'view'],
]);

/** What happens to every request behind Express before a route is looked for. */
@Injectable()
export class Admission {
  constructor(
    private readonly gate: Gate,
    private readonly hosts: AllowedHosts,
    private readonly sessions: Sessions,
    private readonly access: AccessSettings,
    private readonly http: HttpSettings,
  ) {}

  /** Looks by which name the server is addressed, from where, and who asks. The guard of the route decides what that allows. */
  identify(): RequestHandler {
    return (request: Request & AccessedRequest, response: Response, next: NextFunction) => {
      request.understudyAddress = sourceAddress(request, this.access.trustedProxies);
      const wrongHost = this.hosts.whyNot(request.headers.host);
      if (wrongHost !== undefined) {
        next(wrongHost);
        return;
      }
      this.gate.identify(request);
      this.renewSession(request, response);
      next();
    };
  }

  /** For what Express serves without a route of Nest's, where no guard looks. */
  require(access: Access): RequestHandler {
    return (request: Request, _response: Response, next: NextFunction) => {
      next(whyRefused(access, this.gate.identify(request)));
    };
  }

  /** How large a body is read of a request; 0 where its sender may do nothing with one, which the guard of the route tells him. */
  bodyLimitOf(request: Request): number {
    const needed = BODY_IS_FOR.get(request.path) ?? 'operate';
    if (whyRefused(needed, this.gate.identify(request)) !== undefined) return 0;
    const { maxJsonBytes } = this.http;
    return needed === 'open' ? Math.min(MOST_BYTES_OF_SIGN_IN, maxJsonBytes) : maxJsonBytes;
  }

  private renewSession(request: Request & AccessedRequest, response: Response): void {
    if (request.understudyActor === undefined || request.headers.authorization !== undefined) return;
    const verdict = this.gate.sessionOf(request);
    const renewed = verdict?.ok === true ? this.sessions.renewed(verdict.session) : undefined;
    if (renewed !== undefined) response.setHeader('Set-Cookie', this.sessions.cookieOf(renewed, isSecure(request)));
  }
}

/**
 * Whether the browser talks TLS, which a proxy in front ends. Anybody may say so of his own request, and gains a cookie that his
 * browser sends by TLS alone.
 */
export function isSecure({ headers }: Pick<Request, 'headers'>): boolean {
  return /(^|,)\s*https\s*$/i.test(String(headers['x-forwarded-proto'] ?? ''));
}
