import { screen } from '@testing-library/react';
import { show } from '../../testing/show';
import { Verdict } from './verify-chain';

describe('the verdict on the history', () => {
  it('says that it is whole, with the head to keep', () => {
    show(<Verdict ok head={{ sequence: 1234, hash: 'ab'.repeat(32) }} />);
    expect(screen.getByRole('status').textContent).toContain('The history is whole: 1,234 entries');
    expect(screen.getByRole('status').textContent).toContain(`1234 ${'ab'.repeat(32)}`);
  });

  it('names the first entry that is wrong', () => {
    show(<Verdict ok={false} sequence={7} problem="its hash is not that of its content" />);
    expect(screen.getByRole('alert').textContent).toBe(
      'The history was altered: entry 7its hash is not that of its content',
    );
  });
});
