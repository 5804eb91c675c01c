import { act, screen } from '@testing-library/react';
import { show } from '../../testing/show';
import { heard, lost } from './connection';
import { StaleBar } from './stale-bar';

describe('StaleBar', () => {
  it('says since when what is shown is old, and goes when the server is heard of again', () => {
    show(<StaleBar />);
    expect(screen.queryByRole('status')).toBeNull();
    act(() => {
      heard();
      lost(new Date(Date.now() - 12_000));
    });
    expect(screen.getByRole('status').textContent).toMatch(/^Live updates lost 1[23] s ago, showing \d\d:\d\d:\d\d$/);
    act(() => {
      heard();
    });
    expect(screen.queryByRole('status')).toBeNull();
  });
});
