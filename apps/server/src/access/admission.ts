import { AccessSettings, HttpSettings } from '@understudy/platform';
import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { type Access, whyRefused } from './access-rule';
import { AllowedHosts } from './allowed-hosts';
import { Gate } from './gate';
import type { AccessedRequest } from './origin';
import { Sessions } from './sessions';
import { sourceAddress } from './source-address';

/** What somebody may send who has not said who he is: a sign-in. */
const MOST_BYTES_OF_STRANGERS = 16 * 1024;
const SIGN_IN_PATH = '/session';

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

  /** How large a body is read of a request; 0 where none is, because nobody asks who may change anything. */
  bodyLimitOf(request: Request): number {
    const { kind } = this.gate.identify(request);
    if (kind === 'caller') return this.http.maxJsonBytes;
    return kind !== 'cross-site' && request.path === SIGN_IN_PATH
      ? Math.min(MOST_BYTES_OF_STRANGERS, this.http.maxJsonBytes)
      : 0;
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
