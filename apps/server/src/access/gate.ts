import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { PredictionRequest } from '../http/plain/plain-request';
import { AccessSettings, Clock, type DomainError } from '@understudy/platform';
import { type Access, ANYBODY, type Presented, whyRefused } from './access-rule';
import { AllowedHosts } from './allowed-hosts';
import { BearerTokens, TokenSource } from './bearer-tokens';
import { whyCrossSite, whySessionDoesNotCount } from './cross-site';
import type { AccessedRequest } from './origin';
import { Sessions, type SessionVerdict } from './sessions';

const EVERYBODY: Presented = { kind: 'caller', caller: ANYBODY };

/** Finds out who sends a request, and lets it pass or not. Both doors ask here. */
@Injectable()
export class Gate {
  readonly bearer: BearerTokens;
  private readonly asksForTokens: boolean;

  constructor(
    { mode, adminToken }: AccessSettings,
    private readonly hosts: AllowedHosts,
    private readonly tokens: TokenSource,
    private readonly sessions: Sessions,
    clock: Clock,
  ) {
    this.asksForTokens = mode === 'tokens';
    this.bearer = new BearerTokens(tokens, adminToken, () => clock.now().getTime());
  }

  /** Why a request is refused at the hot door; undefined where it may go on. */
  whyRefused(request: PredictionRequest, needed: Access): DomainError | undefined {
    return this.hosts.whyNot(request.headers.host) ?? whyRefused(needed, this.presentedBy(request));
  }

  /** Who sends a request, by its token, its session, or because everybody may do everything here. The same at every call. */
  identify(request: AccessedRequest): Presented {
    const presented = (request.understudyPresented ??= this.presentedBy(request));
    if (presented.kind === 'caller') request.understudyActor = presented.caller;
    return presented;
  }

  /** The session of a request's cookie, whether or not the request may use it. */
  sessionOf({ headers }: Pick<IncomingMessage, 'headers'>): SessionVerdict | undefined {
    return this.asksForTokens ? this.sessions.read(headers.cookie, this.tokens.snapshot) : undefined;
  }

  private presentedBy(request: PredictionRequest): Presented {
    // A page of another site cannot send a token of its own; what it can use are sessions, and that everybody may do everything.
    if (this.asksForTokens && request.headers.authorization !== undefined) return this.bearer.presentedBy(request);
    const crossSite = whyCrossSite(request);
    if (crossSite !== undefined) return { kind: 'cross-site', why: crossSite };
    if (!this.asksForTokens) return EVERYBODY;
    const session = this.sessionOf(request);
    if (session === undefined) return { kind: 'nothing' };
    if (!session.ok) return { kind: 'rejected', why: session.why };
    const why = whySessionDoesNotCount(request);
    return why === undefined ? { kind: 'caller', caller: session.caller } : { kind: 'cross-site', why };
  }
}
