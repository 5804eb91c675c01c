import type { QueryClient } from '@tanstack/react-query';
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { answerPages, nothingKnown, refuse, signIn } from '../../testing/known';
import { deployment, showAt } from '../../testing/show';
import { deploymentsQuery } from '../api/queries';
import type { AuditEvent } from '../api/types';
import DeploymentHistory from './deployment-history';
import { eventsQuery } from './events-query';

const KEY = eventsQuery('fraud', {}).queryKey;
const PAGE = 50;

function event(sequence: number, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    sequence,
    id: `e${sequence}`,
    at: '2026-11-25T09:00:00Z',
    origin: { actor: 'ann', tokenId: null, address: '10.0.0.7', requestId: `r${sequence}`, reason: null },
    action: 'set-split',
    subject: 'deployment:fraud',
    before: { canaryProbability: 1, generation: sequence },
    after: { canaryProbability: 0.9, generation: sequence + 1 },
    outcome: 'done',
    problem: null,
    hash: 'ab'.repeat(32),
    ...more,
  };
}

function known(count: number): QueryClient {
  const queries = nothingKnown();
  signIn(queries, 'operate', 'view');
  queries.setQueryData(deploymentsQuery.queryKey, [deployment({ generation: count + 1 })]);
  const events = Array.from({ length: count }, (_, index) => event(count - index));
  const pages = Array.from({ length: Math.max(1, Math.ceil(count / PAGE)) }, (_, page) => ({
    events: events.slice(page * PAGE, (page + 1) * PAGE),
    nextBefore: (page + 1) * PAGE < count ? count - (page + 1) * PAGE : null,
  }));
  answerPages(queries, KEY, pages);
  return queries;
}

const open = (queries: QueryClient, address = '/history') =>
  showAt(address, <DeploymentHistory deployment="fraud" />, queries);

/** By their words: of two hundred roles and names jsdom is slow to find. */
const entries = (): HTMLElement[] => screen.getAllByText(/^set the split:/);

describe('the history of a deployment', () => {
  it('says that it is being read', async () => {
    open(nothingKnown());
    expect((await screen.findByRole('status', { name: 'Loading' })).getAttribute('aria-busy')).toBe('true');
  });

  it('says that nothing happened yet', async () => {
    open(known(0));
    expect((await screen.findByText(/^Nothing has happened yet/)).textContent).not.toBe('');
  });

  it('says in which days nothing happened', async () => {
    const queries = known(0);
    const [from, to] = [new Date(2026, 10, 1), new Date(2026, 10, 3)].map((day) => day.toISOString());
    const filtered = eventsQuery('fraud', { from: from ?? '', to: to ?? '' });
    answerPages(queries, filtered.queryKey, [{ events: [], nextBefore: null }]);
    open(queries, '/history?since=2026-11-01&until=2026-11-02');
    expect((await screen.findByText('Nothing happened from 1 Nov 2026 to 2 Nov 2026.')).textContent).not.toBe('');
    expect(screen.getByLabelText<HTMLInputElement>('Since').value).toBe('2026-11-01');
    expect(screen.getByRole('button', { name: 'Clear the filter' }).hasAttribute('disabled')).toBe(false);
  });

  it('says why it cannot be read, and keeps what is known', async () => {
    const queries = known(1);
    refuse(queries, KEY, 'The database does not answer');
    open(queries);
    expect((await screen.findByRole('alert')).textContent).toContain('The database does not answer');
    expect(entries()).toHaveLength(1);
  });

  it('lists 200 entries and opens each to what it changed', async () => {
    open(known(200));
    await screen.findAllByText(/^set the split:/);
    expect(entries()).toHaveLength(200);
    expect(screen.queryByText('Show more')).toBeNull();
    const first = entries()[199]!;
    await userEvent.click(first);
    const item = within(first.closest<HTMLElement>('.mantine-Accordion-item')!);
    expect((await item.findByText('Split')).closest('tr')?.textContent).toBe(
      'Splitcurrent 100 % · next 0 %current 90 % · next 10 %',
    );
  });

  it('asks before it returns to an earlier state', async () => {
    open(known(3));
    await screen.findAllByText(/^set the split:/);
    await userEvent.click(entries()[2]!);
    await userEvent.click(await screen.findByRole('button', { name: 'Return to this state…' }));
    expect((await screen.findByRole('dialog')).textContent).toContain('Return fraud to the state of generation 2?');
  });

  it('shows whoever may only look why there is no way back', async () => {
    const queries = known(2);
    signIn(queries, 'view');
    open(queries);
    await screen.findAllByText(/^set the split:/);
    await userEvent.click(entries()[1]!);
    const back = await screen.findByRole<HTMLButtonElement>('button', { name: 'Return to this state…' });
    expect(back.disabled).toBe(true);
    expect(screen.getByText(/^Your token may look but not change anything/).textContent).toContain('administrator');
  });

  it('names who was refused what, and shows a long reason whole', async () => {
    const queries = known(0);
    const reason = 'because '.repeat(60).trim();
    const refused = event(1, {
      outcome: 'refused',
      problem: { code: 'change-conflict', detail: 'fraud is at generation 8, not 7' },
    });
    answerPages(queries, KEY, [{ events: [{ ...refused, origin: { ...refused.origin, reason } }], nextBefore: null }]);
    open(queries);
    const entry = await screen.findByRole('button', { name: /wanted to set the split/ });
    expect(entry.textContent).toContain('refused');
    expect(entry.textContent).toContain(`“${reason}”`);
  });
});
