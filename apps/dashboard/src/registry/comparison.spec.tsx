import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { show, slot } from '../../testing/show';
import type { Deployment, RegisteredVersion } from '../api/types';
import { Comparison } from './comparison';

const tensor = (columns: number) => ({ name: 'X', type: 'FP32', shape: [-1, columns], required: true });

const version = (number: string, more: Partial<RegisteredVersion>): RegisteredVersion =>
  ({
    name: 'fraud',
    version: number,
    uri: `models:/fraud/${number}`,
    metrics: {},
    params: { solver: 'lbfgs' },
    servable: true,
    signature: { inputs: [tensor(30)], outputs: [{ name: 'label', type: 'INT64', shape: [-1], required: true }] },
    ...more,
  }) as RegisteredVersion;

const VERSIONS = [
  version('13', { params: { solver: 'saga' } }),
  version('9', {
    signature: { inputs: [tensor(31)], outputs: [{ name: 'label', type: 'INT64', shape: [-1], required: true }] },
  }),
  version('10', { servable: false, signature: null }),
];

const DEPLOYMENT = {
  name: 'default',
  actual: { current: slot(), next: null, previous: null },
} as unknown as Deployment;

function open(versions: readonly RegisteredVersion[], mayOperate = true): string[] {
  const loaded: string[] = [];
  show(
    <Comparison
      versions={versions}
      known={versions}
      deployment={DEPLOYMENT}
      mayOperate={mayOperate}
      onLoad={(uri) => loaded.push(uri)}
      onClear={() => undefined}
    />,
  );
  return loaded;
}

const cells = (row: RegExp): (string | null)[] => {
  const found = screen.getAllByRole('row').find(({ textContent }) => row.test(textContent));
  return [...(found?.querySelectorAll('td') ?? [])].map(({ textContent }) => textContent);
};

describe('Comparison', () => {
  it('puts versions in their order, with what differs marked', () => {
    open(VERSIONS);
    expect(screen.getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual([
      'Version',
      'v9',
      'v10',
      'v13',
    ]);
    expect(cells(/^solver/)).toEqual(['lbfgs', 'lbfgs', 'saga', 'differs']);
  });

  it('says in words how a signature differs from what current serves', () => {
    open(VERSIONS);
    expect(cells(/^Signature/).slice(0, 3)).toEqual([
      'input X: float32[?,31] instead of float32[?,30]',
      'not told by the registry; known once it is loaded',
      'same signature',
    ]);
  });

  it('loads what can be served from there', async () => {
    const loaded = open(VERSIONS);
    await userEvent.click(screen.getByRole('button', { name: 'Load into next… v13' }));
    expect(loaded).toEqual(['models:/fraud/13']);
    expect(screen.queryByRole('button', { name: 'Load into next… v10' })).toBeNull();
  });

  it('offers no load to somebody who may only look', () => {
    open(VERSIONS, false);
    expect(screen.getByRole('button', { name: 'Load into next… v13' }).hasAttribute('disabled')).toBe(true);
  });

  it('says so where there is nothing to compare', async () => {
    open([version('1', { params: {} }), version('2', { params: {} })]);
    expect(screen.getByText('These versions have no params and no metrics.').textContent).not.toBe('');
  });
});
