import { withoutValues } from './without-values';

describe('the sentence of a failed prediction in the log', () => {
  it.each([
    [
      'indices element out of data bounds, idx=918273645 must be within the inclusive range [-3,2]',
      'indices element out of data bounds, idx=# must be within the inclusive range [#,#]',
    ],
    ["Input value 'ann@example.org' is not in the map", 'Input value (…) is not in the map'],
    ['got 1.5e-7 and "a b", expected none', 'got # and (…), expected none'],
    ['the model failed', 'the model failed'],
  ])('[case 154] has no values: %s', (detail, logged) => {
    expect(withoutValues('inference-failed', detail)).toBe(logged);
  });

  it('is whole where it is our own', () => {
    const detail = 'The model took longer than 500 ms';
    expect(withoutValues('inference-timeout', detail)).toBe(detail);
  });
});
