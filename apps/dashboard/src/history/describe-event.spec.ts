import { subjectName } from './describe-event';

describe('what an entry is about', () => {
  it.each([
    ['deployment:fraud', null, 'fraud'],
    ['token:0123456789abcdef', { name: 'ci' }, 'token ci'],
    ['token:0123456789abcdef', null, 'token:0123456789abcdef'],
    ['session', null, 'session'],
    ['route:POST /update-model', null, 'route:POST /update-model'],
  ])('is for %s with %j: %s', (subject, after, name) => {
    expect(subjectName({ subject, before: null, after })).toBe(name);
  });
});
