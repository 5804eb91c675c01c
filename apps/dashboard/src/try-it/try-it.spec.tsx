import type { QueryClient } from '@tanstack/react-query';
import { fireEvent, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { nothingKnown, refuse, signIn } from '../../testing/known';
import { deployment, show, slot } from '../../testing/show';
import type { Deployment, Slot } from '../api/types';
import { Answers } from './answers';
import { exampleQuery } from './example-query';
import TryIt from './try-it';

const KEY = exampleQuery('fraud', 'current', 'd12').queryKey;

function holding(current: Slot | null, next: Slot | null = null): Deployment {
  const { actual, ...rest } = deployment();
  return { ...rest, actual: { ...actual, current, next } };
}

const signature = (columns: readonly string[]): Slot['signature'] => ({
  inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, columns.length] }],
  outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
  columns: [...columns],
  source: 'mlmodel',
});

const COLUMNS = ['amount', 'age'];
const held = slot({ signature: signature(COLUMNS) });

function known(rows: readonly unknown[] | null, noneBecause: string | null = null): QueryClient {
  const queries = nothingKnown();
  signIn(queries, 'predict', 'view');
  queries.setQueryData(KEY, { rows, noneBecause } as never);
  return queries;
}

const field = (name: string): HTMLInputElement => screen.getByLabelText(name);
const ask = (name = 'Ask current'): HTMLElement => screen.getByRole('button', { name });

describe('the form to try a version', () => {
  it('says that it is being filled in', () => {
    show(<TryIt deployment={holding(held)} />, nothingKnown());
    expect(screen.getByRole('status', { name: 'Loading' }).getAttribute('aria-busy')).toBe('true');
  });

  it('says where there is nothing to try', () => {
    show(<TryIt deployment={holding(null)} />, nothingKnown());
    expect(screen.getByText('Current holds no version.').textContent).not.toBe('');
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('begins with the example that the version was logged with, and goes back to it', async () => {
    const rows = [
      [120.5, 41],
      [3, 27],
    ];
    show(<TryIt deployment={holding(held)} />, known(rows));
    expect(screen.getByText(/input example that fraud v12 was logged with/).textContent).toContain('first row of 2');
    expect(COLUMNS.map((name) => field(name).value)).toEqual(['120.5', '41']);
    await userEvent.clear(field('age'));
    await userEvent.type(field('age'), '99');
    expect(field('age').value).toBe('99');
    await userEvent.click(screen.getByRole('button', { name: 'Fill in the example again' }));
    expect(field('age').value).toBe('41');
  });

  it('begins with zeros where there is no example, and says why', () => {
    show(<TryIt deployment={holding(held)} />, known(null, 'the version was logged without one'));
    expect(screen.getByText(/^Zeros in the shape/).textContent).toContain('the version was logged without one');
    expect(COLUMNS.map((name) => field(name).value)).toEqual(['0', '0']);
  });

  it('begins with zeros where the example cannot be read', () => {
    const queries = known(null);
    queries.removeQueries({ queryKey: KEY });
    refuse(queries, KEY, 'The registry does not answer');
    show(<TryIt deployment={holding(held)} />, queries);
    expect(screen.getByText(/^Zeros in the shape/).textContent).toContain('The registry does not answer');
    expect(ask().hasAttribute('disabled')).toBe(false);
  });

  it('says who is asked', () => {
    show(<TryIt deployment={holding(held, slot({ version: '13', digest: 'd13' }))} />, known([[1, 2]]));
    expect(ask('Ask both').hasAttribute('disabled')).toBe(false);
  });

  it('takes JSON, and asks nothing while that is none', async () => {
    show(<TryIt deployment={holding(held)} />, known([[1, 2]]));
    await userEvent.click(screen.getByRole('radio', { name: 'JSON' }));
    fireEvent.change(screen.getByLabelText('Rows, as JSON'), { target: { value: '[[1, 2' } });
    expect(screen.getByText('This is no JSON list of rows.').textContent).not.toBe('');
    expect(ask().hasAttribute('disabled')).toBe(true);
  });

  it('has a field for every column, however it is called', () => {
    const names = Array.from({ length: 60 }, (_, index) => `${'a_column_with_a_very_long_name_'.repeat(3)}${index}`);
    show(<TryIt deployment={holding(slot({ signature: signature(names) }))} />, known([names.map((_, i) => i)]));
    const fields = screen.getAllByLabelText<HTMLInputElement>(/^a_column/);
    expect(fields.map(({ value }) => value)).toEqual(names.map((_, index) => String(index)));
  });

  it('says what is needed to ask', () => {
    const queries = known([[1, 2]]);
    signIn(queries, 'view');
    show(<TryIt deployment={holding(held)} />, queries);
    expect(ask().hasAttribute('disabled')).toBe(true);
    expect(screen.getByText(/^Your token may not ask for predictions/).textContent).toContain('scope "predict"');
  });
});

describe('the answers', () => {
  const both = holding(held, slot({ version: '13' }));
  const answered = (...predictions: readonly unknown[]) => ({ ok: true, predictions }) as const;

  it('stand side by side, those that differ marked with a word', () => {
    show(<Answers deployment={both} current={answered(0, 1, 1)} next={answered(0, 2, 1)} />);
    expect(screen.getByText('1 of 3 rows differ.').textContent).not.toBe('');
    const marked = screen.getAllByRole('row').filter(({ textContent }) => textContent.includes('differs'));
    expect(marked.map(({ textContent }) => textContent)).toEqual(['212differs']);
  });

  it('say that they are the same', () => {
    show(<Answers deployment={both} current={answered(0)} next={answered(0)} />);
    expect(screen.getByText('Both answer the same.').textContent).not.toBe('');
  });

  it('of one are there while the other refuses with its sentence', () => {
    const problem = new Error('input X: expected 30 columns, got 2');
    show(<Answers deployment={both} current={answered(7)} next={{ ok: false, problem }} />);
    expect(screen.getByRole('alert').textContent).toContain('Next: It did not answer');
    expect(screen.getByRole('alert').textContent).toContain(problem.message);
    expect(screen.getByRole('row', { name: /^1 7/ }).textContent).toContain('–');
  });
});
