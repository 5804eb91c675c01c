import { reasonHeader } from './reason-header';

it.each(['100 % sure', 'verloren – in Kyōto (京都)', 'two\nlines'])(
  'sends %j as a header of printable ASCII that decodes to it',
  (reason) => {
    const header = reasonHeader(reason)['X-Change-Reason'] ?? '';
    expect(header).toMatch(/^[\x21-\x7e]+$/);
    expect(decodeURIComponent(header)).toBe(reason);
  },
);

it('sends none for no reason', () => {
  expect(reasonHeader('')).toEqual({});
});
