import { readHeaderLength } from './header-length';

describe('reading the header Inference-Header-Content-Length', () => {
  it.each([
    [undefined, undefined],
    ['0', 0],
    ['153', 153],
    ['2147483647', 2_147_483_647],
  ])('takes %p', (value, length) => {
    expect(readHeaderLength(value)).toEqual({ ok: true, length });
  });

  it.each(['', '-1', 'abc', '1.0', '1e3', '+5', '0x10', ' 5', '5, 5', '2147483648', '99999999999', '9'.repeat(400)])(
    'refuses %j',
    (value) => {
      expect(readHeaderLength(value)).toMatchObject({
        ok: false,
        code: 'invalid-header',
        problem: expect.stringContaining('Inference-Header-Content-Length must be the number of bytes of JSON'),
      });
    },
  );
});
