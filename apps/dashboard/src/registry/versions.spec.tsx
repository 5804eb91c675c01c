import type { QueryClient } from '@tanstack/react-query';
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { answerPages, nothingKnown, refuse } from '../../testing/known';
import { layOut } from '../../testing/layout';
import { deployment, show } from '../../testing/show';
import { versionsQuery } from '../api/queries';
import type { Deployment, RegisteredVersion } from '../api/types';
import { Versions } from './versions';

const KEY = versionsQuery('fraud').queryKey;

function version(number: number, more: Partial<RegisteredVersion> = {}): RegisteredVersion {
  return {
    name: 'fraud',
    version: String(number),
    uri: `models:/fraud/${number}`,
    description: null,
    aliases: [],
    stage: null,
    tags: {},
    params: {},
    metrics: { accuracy: 0.9 },
    flavors: ['onnx'],
    servable: true,
    notServableBecause: null,
    makeServableWith: null,
    run: null,
    createdAt: '2026-11-25T09:00:00Z',
    signature: null,
    ...more,
  };
}

interface Around {
  readonly queries: QueryClient;
  readonly mayOperate?: boolean;
  readonly deployment?: Deployment | undefined;
}

function open({ queries, mayOperate = true, ...more }: Around): string[] {
  const loaded: string[] = [];
  const held = 'deployment' in more ? more.deployment : deployment();
  show(
    <Versions model="fraud" deployment={held} mayOperate={mayOperate} onLoad={(uri) => loaded.push(uri)} />,
    queries,
  );
  return loaded;
}

function withVersions(versions: readonly RegisteredVersion[], nextPageToken: string | null = null): QueryClient {
  const queries = nothingKnown();
  answerPages(queries, KEY, [{ versions, nextPageToken }]);
  return queries;
}

/** Without the head. */
const rows = (): HTMLElement[] => screen.getAllByRole('row').slice(1);
const shown = (): (string | null)[] => rows().map((row) => within(row).getByText(/^v\d+$/).textContent);

describe('the versions of a model', () => {
  beforeAll(() => {
    layOut((element) => (element.getAttribute('role') === 'row' ? 57 : 600));
  });

  it('say that they are being read', () => {
    open({ queries: nothingKnown() });
    expect(screen.getByRole('status', { name: 'Loading' }).getAttribute('aria-busy')).toBe('true');
  });

  it('say that there are none', () => {
    open({ queries: withVersions([]) });
    expect(screen.getByText('This model has no versions yet.').textContent).not.toBe('');
    expect(screen.queryByRole('table')).toBeNull();
  });

  it('say why they cannot be read, with a way to try again', () => {
    const queries = nothingKnown();
    refuse(queries, KEY, 'The registry does not answer');
    open({ queries });
    expect(screen.getByRole('alert').textContent).toContain('The registry does not answer');
    expect(screen.getByRole('button', { name: 'Try again' }).hasAttribute('disabled')).toBe(false);
  });

  it('stay where they are known and cannot be read again', () => {
    const queries = withVersions([version(1)]);
    refuse(queries, KEY, 'The registry does not answer');
    open({ queries });
    expect(screen.getByRole('alert').textContent).toContain('The registry does not answer');
    expect(shown()).toEqual(['v1']);
  });

  it('are ten thousand, of which those in sight are there', () => {
    open({ queries: withVersions(Array.from({ length: 10_000 }, (_, index) => version(index + 1))) });
    expect(screen.getByText('10,000 versions').textContent).not.toBe('');
    expect(screen.getByRole('table').getAttribute('aria-rowcount')).toBe('10001');
    expect(shown().slice(0, 2)).toEqual(['v10000', 'v9999']);
    expect(rows().length).toBeLessThan(60);
  });

  it('say where not all of them were read', () => {
    open({ queries: withVersions([version(2)], 'more') });
    expect(screen.getByText('1 version read so far').textContent).not.toBe('');
    expect(screen.getByRole('button', { name: 'Read all' }).hasAttribute('disabled')).toBe(false);
  });

  it('are sorted by what is pressed, downwards first', async () => {
    const accuracies = [0.91, 0.97, 0.94].map((accuracy, index) => version(index + 1, { metrics: { accuracy } }));
    open({ queries: withVersions(accuracies) });
    expect(shown()).toEqual(['v3', 'v2', 'v1']);
    await userEvent.click(screen.getByRole('button', { name: 'accuracy' }));
    expect(shown()).toEqual(['v2', 'v3', 'v1']);
    expect(screen.getByRole('columnheader', { name: 'accuracy' }).getAttribute('aria-sort')).toBe('descending');
    await userEvent.click(screen.getByRole('button', { name: 'accuracy' }));
    expect(shown()).toEqual(['v1', 'v3', 'v2']);
  });

  it('are shown with whole names, however long', () => {
    const alias = 'the-champion-of-all-challengers-'.repeat(4);
    const metric = 'validation_mean_absolute_percentage_error_'.repeat(3);
    open({ queries: withVersions([version(1, { aliases: [alias], metrics: { [metric]: 12.5 } })]) });
    expect(screen.getByText(`@${alias}`).textContent).toBe(`@${alias}`);
    expect(screen.getByRole('columnheader', { name: metric }).textContent).toContain(metric);
    expect(rows()[0]?.textContent).toContain('12.5');
  });

  it('say why one cannot be served, and offer nothing but the command that helps', () => {
    const because = 'its flavors are python_function and sklearn, none is onnx';
    const queries = withVersions([
      version(1, { servable: false, notServableBecause: because, makeServableWith: 'python export_onnx.py' }),
    ]);
    open({ queries });
    expect(screen.getByText(`cannot be served: ${because}`).textContent).not.toBe('');
    expect(screen.getByRole('button', { name: 'Copy the command' }).title).toBe('python export_onnx.py');
    expect(screen.queryByRole('button', { name: 'Load into next… v1' })).toBeNull();
  });

  it('are loaded by whoever may', async () => {
    const loaded = open({ queries: withVersions([version(7)]) });
    await userEvent.click(screen.getByRole('button', { name: 'Load into next… v7' }));
    expect(loaded).toEqual(['models:/fraud/7']);
  });

  it('say to whoever may not load them who can help', () => {
    open({ queries: withVersions([version(7)]), mayOperate: false });
    expect(screen.getByRole('button', { name: 'Load into next… v7' }).hasAttribute('disabled')).toBe(true);
    expect(screen.getByText(/^Your token may look but not change anything/).textContent).toContain('administrator');
  });

  it('say that there is nothing yet to load them into', () => {
    open({ queries: withVersions([version(7)]), deployment: undefined });
    expect(screen.getByRole('button', { name: 'Load into next… v7' }).hasAttribute('disabled')).toBe(true);
    expect(screen.getByText('There is no deployment to load a version into yet.').textContent).not.toBe('');
  });
});
