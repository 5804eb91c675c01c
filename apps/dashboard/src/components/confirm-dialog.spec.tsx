import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { show } from '../../testing/show';
import { ApiProblem } from '../api/problem';
import { ConfirmDialog } from './confirm-dialog';

interface Calls {
  readonly confirmed: string[];
  closed: number;
}

function open(more: { error?: Error; ready?: boolean } = {}): Calls {
  const calls: Calls = { confirmed: [], closed: 0 };
  show(
    <ConfirmDialog
      opened
      title="Promote next of fraud?"
      action="Promote fraud v13"
      ready={more.ready ?? true}
      pending={false}
      error={more.error ?? null}
      onConfirm={(reason) => calls.confirmed.push(reason)}
      onClose={() => {
        calls.closed++;
      }}
    >
      Next becomes current at once.
    </ConfirmDialog>,
  );
  return calls;
}

describe('ConfirmDialog', () => {
  it('confirms with the reason, trimmed', async () => {
    const calls = open();
    await userEvent.type(screen.getByLabelText('Reason'), '  weekly retraining ');
    await userEvent.click(screen.getByRole('button', { name: 'Promote fraud v13' }));
    expect(calls).toEqual({ confirmed: ['weekly retraining'], closed: 0 });
  });

  it('changes nothing on Esc', async () => {
    const calls = open();
    await userEvent.keyboard('{Escape}');
    expect(calls).toEqual({ confirmed: [], closed: 1 });
  });

  it('shows the sentence of a refusal and stays open', () => {
    open({ error: new ApiProblem(409, 'next-not-ready', 'Next of fraud is still being loaded') });
    expect(screen.getByRole('alert').textContent).toContain('Next of fraud is still being loaded');
    const action = screen.getByRole('button', { name: 'Promote fraud v13' });
    expect(action.hasAttribute('disabled')).toBe(false);
    expect(document.activeElement).toBe(action);
  });

  it('says what to do where somebody else was faster, without numbers of generations', () => {
    open({ error: new ApiProblem(412, 'generation-mismatch', 'fraud is at generation 8, not 7') });
    const { textContent } = screen.getByRole('alert');
    expect(textContent).toContain('Somebody else changed it meanwhile');
    expect(textContent).not.toContain('generation');
  });

  it('cannot be confirmed while something is missing', () => {
    open({ ready: false });
    expect(screen.getByRole('button', { name: 'Promote fraud v13' }).hasAttribute('disabled')).toBe(true);
  });
});
