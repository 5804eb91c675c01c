import { TOKEN_SCOPES, type TokenScope } from '@understudy/store';
import { type Access, ANYBODY, effectiveScopes, type Presented, whyRefused } from './access-rule';

const holding = (...scopes: TokenScope[]): Presented => ({
  kind: 'caller',
  caller: { actor: 'ann', tokenId: '0123456789abcdef', scopes },
});

const codeOf = (needed: Access, presented: Presented): string => whyRefused(needed, presented)?.code ?? 'allowed';

describe('scopes', () => {
  it.each([
    ['predict', ['predict']],
    ['view', ['view']],
    ['operate', ['view', 'operate']],
    ['administer', ['predict', 'view', 'operate', 'administer']],
  ] as const)('%s allows %j', (scope, allowed) => {
    expect(TOKEN_SCOPES.filter((needed) => codeOf(needed, holding(scope)) === 'allowed')).toEqual(allowed);
    expect(effectiveScopes({ scopes: [scope] })).toEqual(allowed);
    expect(codeOf('open', holding(scope))).toBe('allowed');
  });

  it('add up, and a token without any allows nothing', () => {
    expect(effectiveScopes({ scopes: ['operate', 'predict'] })).toEqual(['predict', 'view', 'operate']);
    expect(TOKEN_SCOPES.map((needed) => codeOf(needed, holding()))).toEqual(Array(4).fill('forbidden'));
  });

  it('are all had by everybody, where no tokens are asked for', () => {
    expect(effectiveScopes(ANYBODY)).toEqual([...TOKEN_SCOPES]);
  });
});

it('says what is missing, and how to send it', () => {
  expect(whyRefused('operate', { kind: 'nothing' })).toMatchObject({
    code: 'unauthenticated',
    message: 'This needs a token with the scope operate: send it as "Authorization: Bearer <token>"',
    challenge: 'Bearer',
  });
  expect(whyRefused('view', { kind: 'rejected', why: 'The token is revoked' })).toMatchObject({
    code: 'unauthenticated',
    message: 'The token is revoked',
    challenge: 'Bearer error="invalid_token"',
  });
  expect(whyRefused('operate', holding('predict', 'view'))).toMatchObject({
    code: 'forbidden',
    message: 'This needs the scope operate; "ann" has predict, view',
    challenge: 'Bearer error="insufficient_scope", scope="operate"',
  });
});

it('refuses what another site asks for even where everybody may ask', () => {
  expect(codeOf('open', { kind: 'cross-site', why: 'no' })).toBe('cross-site-request');
  expect(codeOf('open', { kind: 'rejected', why: 'no' })).toBe('allowed');
  expect(codeOf('open', { kind: 'nothing' })).toBe('allowed');
});
