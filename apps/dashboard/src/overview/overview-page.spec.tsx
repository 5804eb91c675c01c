import type { QueryClient } from '@tanstack/react-query';
import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { nothingKnown, refuse, signIn } from '../../testing/known';
import { layOut } from '../../testing/layout';
import { deployment, showAt, slot } from '../../testing/show';
import { deploymentsQuery } from '../api/queries';
import type { Deployment } from '../api/types';
import { OverviewPage } from './overview-page';

const KEY = deploymentsQuery.queryKey;

function known(deployments: readonly Deployment[]): QueryClient {
  const queries = nothingKnown();
  signIn(queries, 'view');
  queries.setQueryData(KEY, [...deployments]);
  return queries;
}

const open = (queries: QueryClient) => showAt('/', <OverviewPage />, queries);

const named = (name: string, more: Partial<Deployment> = {}): Deployment => deployment({ name, ...more });
const names = (): (string | null)[] => screen.getAllByRole('article').map((card) => card.getAttribute('aria-label'));

function failing(name: string): Deployment {
  const { actual, ...rest } = named(name);
  const held = slot();
  const runner = { ...held.runner, state: 'failed', lastProblem: 'killed by SIGKILL' } as const;
  return { ...rest, actual: { ...actual, current: { ...held, runner } } };
}

describe('the overview', () => {
  beforeAll(() => {
    // A row of cards; all else is of no height, as in jsdom anyway.
    layOut((element) => (element.dataset['index'] === undefined ? 0 : 232));
  });

  it('says that it is being read', async () => {
    open(nothingKnown());
    expect((await screen.findByRole('status', { name: 'Loading' })).getAttribute('aria-busy')).toBe('true');
  });

  it('says why it cannot be read, with a way to try again', async () => {
    const queries = nothingKnown();
    refuse(queries, KEY, 'The server does not answer');
    open(queries);
    expect((await screen.findByRole('alert')).textContent).toContain('The server does not answer');
    expect(screen.getByRole('button', { name: 'Try again' }).hasAttribute('disabled')).toBe(false);
  });

  it('puts the one first that needs somebody, and says why', async () => {
    open(known([named('a'), named('b'), failing('c')]));
    expect((await screen.findByText('1 needs you')).textContent).not.toBe('');
    expect(names()).toEqual(['c', 'a', 'b']);
    expect(screen.getByText('current (fraud v12) is failed: killed by SIGKILL.').textContent).not.toBe('');
  });

  it('counts 200 deployments, has those in sight there, and finds one by its name', async () => {
    const all = Array.from({ length: 199 }, (_, index) => named(`service-${String(index).padStart(3, '0')}`));
    open(known([...all, failing('the-one')]));
    expect((await screen.findByText(/^200 deployments/)).textContent).toBe('200 deployments · 1 needs you');
    // A long list is fetched when there is one.
    await screen.findAllByRole('article');
    expect(names().slice(0, 2)).toEqual(['the-one', 'service-000']);
    expect(names().length).toBeLessThan(40);
    await userEvent.type(screen.getByLabelText('Find a deployment'), 'SERVICE-198');
    expect(names()).toEqual(['service-198']);
    await userEvent.type(screen.getByLabelText('Find a deployment'), '9');
    expect(screen.getByText('No deployment is named like "SERVICE-1989".').textContent).not.toBe('');
  });

  it('shows a name whole, however long, and offers whoever may only look nothing to create', async () => {
    const name = 'recommendations-for-the-second-page-'.repeat(4);
    open(known([named(name), named('b')]));
    expect((await screen.findByRole('link', { name })).textContent).toBe(name);
    expect(screen.queryByRole('button', { name: 'Deployment' })).toBeNull();
  });
});
