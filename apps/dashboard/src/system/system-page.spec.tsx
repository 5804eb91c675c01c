import type { QueryClient } from '@tanstack/react-query';
import { screen, within } from '@testing-library/react';
import { nothingKnown, refuse } from '../../testing/known';
import { show } from '../../testing/show';
import { replicasQuery } from '../api/queries';
import type { Replica } from '../api/types';
import { SystemPage } from './system-page';

const replica = (host: string, more: Partial<Replica> = {}): Replica => ({
  id: host,
  host,
  pid: 1,
  release: '0.1.0',
  startedAt: '2026-11-25T09:00:00Z',
  heartbeatAt: '2026-11-25T10:00:00Z',
  ageMs: 120,
  live: true,
  self: false,
  behind: [],
  deployments: [],
  ...more,
});

function open(replicas: readonly Replica[]): void {
  const queries: QueryClient = nothingKnown();
  queries.setQueryData(replicasQuery.queryKey, [...replicas]);
  show(<SystemPage />, queries);
}

const panel = () => within(screen.getByRole('region', { name: 'Replicas' }));

describe('the page of the replicas', () => {
  it('says that it is being read', () => {
    show(<SystemPage />, nothingKnown());
    expect(screen.getAllByRole('status', { name: 'Loading' })).toHaveLength(2);
  });

  it('says why they cannot be read, and keeps what is known', () => {
    const queries = nothingKnown();
    queries.setQueryData(replicasQuery.queryKey, [replica('a')]);
    refuse(queries, replicasQuery.queryKey, 'The database does not answer');
    show(<SystemPage />, queries);
    expect(panel().getByRole('alert').textContent).toContain('The database does not answer');
    expect(panel().getByRole('rowheader', { name: /^a/ }).textContent).toContain('process 1');
  });

  it('says of 50 replicas how many lag, and each of them where', () => {
    const behind = [{ deployment: 'fraud', generation: 40, wanted: 41 }];
    const well = Array.from({ length: 48 }, (_, index) => replica(`host-${index}`));
    open([...well, replica('slow', { behind }), replica('lost', { live: false, behind })]);
    expect(panel().getByText(/49 live/).textContent).toBe(
      '1 of 49 live replicas do not serve everything that is wanted yet.',
    );
    expect(panel().getAllByRole('rowheader')).toHaveLength(50);
    expect(panel().getByRole('row', { name: /^slow/ }).textContent).toContain('fraud at 40, wanted 41');
    expect(panel().getByRole('row', { name: /^lost/ }).textContent).toContain('not heard of');
  });

  it('shows the name of a host whole, however long', () => {
    const host = 'understudy-7d9f6c5b4-'.repeat(6);
    open([replica(host, { self: true })]);
    expect(panel().getByText('The one replica serves what is wanted.').textContent).not.toBe('');
    expect(panel().getByRole('rowheader').textContent).toContain(host);
  });
});
