import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { show } from '../../testing/show';
import type { Change } from '../api/types';
import { LoadCard } from './load-card';

function change(more: Partial<Change> = {}): Change {
  return {
    id: 'c1',
    action: 'load-next',
    modelUri: 'models:/fraud/13',
    state: 'running',
    step: 'fetch',
    steps: [
      { step: 'decide', startedAt: '2026-11-25T10:00:00Z', ms: 2 },
      { step: 'resolve', startedAt: '2026-11-25T10:00:00Z', ms: 40 },
      { step: 'fetch', startedAt: '2026-11-25T10:00:00Z', ms: null },
    ],
    bytes: 34_000_000,
    totalBytes: 120_000_000,
    startedAt: new Date(Date.now() - 8_000).toISOString(),
    finishedAt: null,
    problem: null,
    generation: null,
    ...more,
  };
}

function load(shown: Change, mayOperate = true) {
  const asked: string[] = [];
  show(
    <LoadCard
      deployment="fraud"
      change={shown}
      mayOperate={mayOperate}
      onRetry={(uri) => asked.push(`retry ${uri}`)}
      onDismiss={() => asked.push('dismiss')}
    />,
  );
  return asked;
}

describe('LoadCard', () => {
  it('tells the steps with their times, the bytes and the time so far', () => {
    load(change());
    expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
      'Find the version40 ms',
      expect.stringMatching(/34 MB of 120 MB/),
      expect.anything(),
      expect.anything(),
      expect.anything(),
    ]);
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toMatch(/^28/);
    expect(screen.getByText(/^[89](\.\d)? s/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Cancel the load' }).hasAttribute('disabled')).toBe(false);
  });

  it('keeps why it failed and where, until it is tried again or dismissed', async () => {
    const detail = 'version 13 of "fraud" has flavors sklearn; none is onnx. Log it with mlflow.onnx.log_model';
    const asked = load(change({ state: 'failed', problem: { code: 'model-not-servable', detail } }));
    expect(screen.getByText(detail)).toBeTruthy();
    expect(screen.getByText('models:/fraud/13 was not loaded')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Load again…' }));
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(asked).toEqual(['retry models:/fraud/13', 'dismiss']);
  });

  it('lets nobody cancel who may only look', () => {
    load(change(), false);
    expect(screen.getByRole('button', { name: 'Cancel the load' }).hasAttribute('disabled')).toBe(true);
  });
});
