import { DomainError } from '@understudy/platform';
import { TOKEN_SCOPES, type TokenScope } from '@understudy/store';

/** What a route asks of its caller: a scope, or nothing. */
export type Access = TokenScope | 'open';

/** Somebody who may do something. */
export interface Caller {
  /** The name of the token, or what stands for it. */
  readonly actor: string;
  /** Null where no stored token was presented. */
  readonly tokenId: string | null;
  readonly scopes: readonly TokenScope[];
}

/** What a request says of who sends it. */
export type Presented =
  | { readonly kind: 'caller'; readonly caller: Caller }
  /** No token and no session. */
  | { readonly kind: 'nothing' }
  /** A token or a session that does not count; `why` names no secret. */
  | { readonly kind: 'rejected'; readonly why: string }
  /** A browser sends it for a page of another site. */
  | { readonly kind: 'cross-site'; readonly why: string };

/** Everybody, where no tokens are asked for. */
export const ANYBODY: Caller = { actor: 'anonymous', tokenId: null, scopes: TOKEN_SCOPES };

/** A request that is refused for who sends it; `challenge` is what WWW-Authenticate says. */
export class AccessRefused extends DomainError {
  constructor(
    code: 'unauthenticated' | 'forbidden' | 'cross-site-request',
    message: string,
    readonly challenge?: string,
  ) {
    super(code, message);
  }
}

/** Whom each scope lets in: `administer` includes all, `operate` includes `view`, `predict` stands alone. */
const SUFFICIENT: Readonly<Record<TokenScope, readonly TokenScope[]>> = {
  predict: ['predict', 'administer'],
  view: ['view', 'operate', 'administer'],
  operate: ['operate', 'administer'],
  administer: ['administer'],
};

/** The scopes that a caller has, those that others include counted in. */
export function effectiveScopes({ scopes }: Pick<Caller, 'scopes'>): TokenScope[] {
  return TOKEN_SCOPES.filter((scope) => SUFFICIENT[scope].some((one) => scopes.includes(one)));
}

/** The one rule of both doors: why a request may not do what asks for `needed`; undefined where it may. */
export function whyRefused(needed: Access, presented: Presented): AccessRefused | undefined {
  if (presented.kind === 'cross-site') return new AccessRefused('cross-site-request', presented.why);
  if (needed === 'open') return undefined;
  switch (presented.kind) {
    case 'nothing':
      return new AccessRefused(
        'unauthenticated',
        `This needs a token with the scope ${needed}: send it as "Authorization: Bearer <token>"`,
        'Bearer',
      );
    case 'rejected':
      return new AccessRefused('unauthenticated', presented.why, 'Bearer error="invalid_token"');
    case 'caller': {
      const { scopes, actor } = presented.caller;
      if (SUFFICIENT[needed].some((one) => scopes.includes(one))) return undefined;
      return new AccessRefused(
        'forbidden',
        `This needs the scope ${needed}; "${actor}" has ${scopes.join(', ')}`,
        `Bearer error="insufficient_scope", scope="${needed}"`,
      );
    }
  }
}
