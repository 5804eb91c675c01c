import { fireEvent, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { show } from '../../testing/show';
import { SplitEditor } from './split-editor';
import type { Possibility } from './what-can-be-done';

function edit(canaryProbability: number, possibility: Possibility = { possible: true }): number[] {
  const applied: number[] = [];
  show(
    <SplitEditor
      canaryProbability={canaryProbability}
      possibility={possibility}
      onApply={(share) => applied.push(share)}
    />,
  );
  return applied;
}

describe('SplitEditor', () => {
  it('says both shares in words', () => {
    edit(0.9);
    expect(screen.getByText('current 90 % · next 10 %')).toBeTruthy();
  });

  it('previews a preset and applies it only when asked', async () => {
    const applied = edit(0.9);
    await userEvent.click(screen.getByRole('button', { name: 'Next 25 %' }));
    expect(screen.getByRole('status').textContent).toBe('now 90 % · after 75 %');
    expect(applied).toEqual([]);
    await userEvent.click(screen.getByRole('button', { name: 'Apply…' }));
    expect(applied).toEqual([0.75]);
  });

  it('moves by 1 with an arrow and by 10 with shift', () => {
    edit(0.9);
    const slider = screen.getByRole('slider');
    fireEvent.keyDown(slider, { key: 'ArrowRight' });
    expect(slider.getAttribute('aria-valuetext')).toBe('current 89 % · next 11 %');
    fireEvent.keyDown(slider, { key: 'ArrowRight', shiftKey: true });
    expect(slider.getAttribute('aria-valuetext')).toBe('current 79 % · next 21 %');
  });

  it('says why it is disabled', () => {
    edit(1, { possible: false, why: 'Next is empty; load a version into it first.' });
    expect(screen.getByText('Next is empty; load a version into it first.')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Apply…' }).hasAttribute('disabled')).toBe(true);
  });
});
