import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { show } from '../../testing/show';
import { tokensQuery } from '../api/queries';
import type { Token } from '../api/types';
import { Tokens } from './tokens';
import { tokenState } from './token-state';

const NOW = new Date('2026-11-26T12:00:00Z');
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

const token = (name: string, more: Partial<Token> = {}): Token => ({
  id: name,
  name,
  scopes: ['predict'],
  createdAt: '2026-11-01T00:00:00Z',
  createdBy: 'admin',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  ...more,
});

function open(tokens: readonly Token[]): void {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  queries.setQueryDefaults(tokensQuery.queryKey, { enabled: false });
  queries.setQueryData(tokensQuery.queryKey, [...tokens]);
  show(
    <QueryClientProvider client={queries}>
      <Tokens />
    </QueryClientProvider>,
  );
}

const names = (): (string | null)[] => screen.getAllByRole('rowheader').map(({ textContent }) => textContent);

describe('Tokens', () => {
  it('says what to do where there are none', () => {
    open([]);
    expect(screen.getByText(/Create one for each program/).textContent).not.toBe('');
  });

  it('shows those that let somebody in, and the others where they are asked for', async () => {
    open([token('ci'), token('old', { expiresAt: inDays(-1) }), token('lost', { revokedAt: inDays(-2) })]);
    expect(names()).toEqual(['ci']);
    await userEvent.click(screen.getByLabelText('Also revoked and expired'));
    expect(names()).toEqual(['ci', 'old', 'lost']);
    expect(screen.getAllByRole('button', { name: /^Revoke/ })).toHaveLength(1);
  });

  it('pages through 200, and finds one', async () => {
    open(Array.from({ length: 200 }, (_, index) => token(`service-${index}`)));
    expect(names()).toHaveLength(50);
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    expect(names()).toHaveLength(100);
    await userEvent.type(screen.getByLabelText('Find a token'), 'service-199');
    expect(names()).toEqual(['service-199']);
  });

  it('asks before it revokes, naming the token', async () => {
    const name = 'a very long name '.repeat(6).trim();
    open([token(name)]);
    await userEvent.click(screen.getByRole('button', { name: `Revoke ${name}` }));
    expect(screen.getByRole('dialog').textContent).toContain(`Whoever uses "${name}" is refused`);
  });
});

it.each([
  ['usable', {}],
  ['usable', { expiresAt: '2027-01-01T00:00:00Z' }],
  ['soon', { expiresAt: '2026-11-28T00:00:00Z' }],
  ['expired', { expiresAt: '2026-11-26T11:59:59Z' }],
  ['revoked', { expiresAt: '2026-11-28T00:00:00Z', revokedAt: '2026-11-20T00:00:00Z' }],
] as const)('is %s with %j', (state, more) => {
  expect(tokenState(token('ci', more), NOW)).toBe(state);
});
