import { screen } from '@testing-library/react';
import { show, slot } from '../../testing/show';
import type { Change } from '../api/types';
import { LoadCard } from './load-card';
import { SlotCard, SlotSkeleton } from './slot-card';

const LONG = 'a'.repeat(255);

const failed: Change = {
  id: 'c1',
  action: 'load-next',
  modelUri: 'models:/fraud/13',
  state: 'failed',
  step: 'check',
  steps: [
    { step: 'resolve', startedAt: '2026-11-25T09:00:00.000Z', ms: 12 },
    { step: 'fetch', startedAt: '2026-11-25T09:00:00.000Z', ms: 800 },
    { step: 'check', startedAt: '2026-11-25T09:00:01.000Z', ms: null },
  ],
  bytes: 120_000_000,
  totalBytes: 120_000_000,
  startedAt: '2026-11-25T09:00:00.000Z',
  finishedAt: '2026-11-25T09:00:02.000Z',
  problem: { code: 'model-not-servable', detail: 'version 13 has no ONNX model' },
  generation: null,
};

const load = (change: Change): void => {
  show(
    <LoadCard deployment="fraud" change={change} mayOperate onRetry={() => undefined} onDismiss={() => undefined} />,
  );
};

describe('the card of a slot', () => {
  it('shows what it holds', () => {
    show(<SlotCard slot="current" held={slot()} share="answers 90 %" />);
    const card = screen.getByRole('region', { name: 'Current' });
    for (const text of [
      'fraud v12',
      'answers 90 %',
      'f32[?, 30] → i64[?]',
      '60 MB',
      'up to 4,096 rows',
      'process 4242',
    ])
      expect(card.textContent).toContain(text);
  });

  it('says what an empty slot is for', () => {
    show(<SlotCard slot="previous" held={null} share="" />);
    expect(screen.getByText(/After a promotion the version before stays here/)).toBeTruthy();
  });

  it('says that next is what current is', () => {
    show(<SlotCard slot="next" held={slot()} beside={slot()} share="answers 0 %" />);
    expect(screen.getByText(/The same version as current/)).toBeTruthy();
  });

  it('says that the signature of next differs', () => {
    const signature = { ...slot().signature, inputs: [{ name: 'X', datatype: 'FP64', shape: [-1, 30] }] };
    show(<SlotCard slot="next" held={slot({ digest: 'd13', signature })} beside={slot()} share="answers 0 %" />);
    expect(screen.getByText('differs from current')).toBeTruthy();
  });

  it('shows the problem of a runner that cannot answer', () => {
    const runner = { ...slot().runner, state: 'failed' as const, lastProblem: 'killed by SIGKILL' };
    show(<SlotCard slot="current" held={slot({ runner })} share="answers 100 %" />);
    expect(screen.getByText('failed')).toBeTruthy();
    expect(screen.getByText('killed by SIGKILL')).toBeTruthy();
  });

  it('has room for a long name', () => {
    show(<SlotCard slot="current" held={slot({ name: LONG })} share="answers 100 %" />);
    expect(screen.getByText(`${LONG} v12`)).toBeTruthy();
  });

  it('keeps its place while it is read', () => {
    show(<SlotSkeleton slot="current" />);
    expect(screen.getByRole('region', { name: 'Current' })).toBeTruthy();
  });
});

describe('a load in the place of next', () => {
  it('shows the step with its bytes while it runs', () => {
    const { finishedAt, problem, ...running } = failed;
    load({
      ...running,
      finishedAt: null,
      problem: null,
      state: 'running',
      step: 'fetch',
      bytes: 34_000_000,
      steps: failed.steps.slice(0, 2),
    });
    expect([finishedAt, problem]).not.toContain(null);
    expect(screen.getByText('Loading models:/fraud/13')).toBeTruthy();
    expect(screen.getByRole('list').textContent).toContain('34 MB of 120 MB');
    expect(screen.getByRole('button', { name: 'Cancel the load' })).toBeTruthy();
  });

  it('keeps a failure with its sentence and its step', () => {
    load(failed);
    expect(screen.getByText('version 13 has no ONNX model')).toBeTruthy();
    expect(screen.getByText(/It ended at the step "Check model and signature"/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Load again…' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Dismiss' })).toBeTruthy();
  });
});
