import { deployment, slot } from '../../testing/show';
import { leadOf } from './lead';

const { actual } = deployment();
const v12 = slot({ uri: 'models:/fraud/12', name: 'fraud', version: '12' });
const v13 = slot({ uri: 'models:/fraud/13', name: 'fraud', version: '13' });
const failed = slot({ ...v13, runner: { ...v13.runner, state: 'failed' } });

describe('the lead of a deployment', () => {
  it.each([
    [
      'current alone',
      { current: v13, next: null, previous: v12, canaryProbability: 1 },
      'fraud v13 gets every request. Next is empty. A roll back brings fraud v12 at once.',
    ],
    [
      'a share of current that nobody is there to take',
      { current: v13, next: null, previous: null, canaryProbability: 0.5 },
      'fraud v13 gets every request. Next is empty. There is no version to go back to yet.',
    ],
    [
      'a version that waits',
      { current: v12, next: v13, previous: null, canaryProbability: 1 },
      'fraud v12 gets every request. fraud v13 waits in next and gets none. There is no version to go back to yet.',
    ],
    [
      'a split, to a tenth',
      { current: v12, next: v13, previous: v12, canaryProbability: 0.925 },
      'fraud v12 gets 92.5 % of the requests, fraud v13 in next 7.5 %. A roll back brings fraud v12 at once.',
    ],
    [
      'a runner that is not ready, before all else',
      { current: failed, next: null, previous: v12, canaryProbability: 1 },
      'Current is not ready now. fraud v13 gets every request. Next is empty. A roll back brings fraud v12 at once.',
    ],
    [
      'one of next',
      { current: v12, next: failed, previous: null, canaryProbability: 0.9 },
      'Next is not ready now. fraud v12 gets 90 % of the requests, fraud v13 in next 10 %. There is no version to go back to yet.',
    ],
    [
      'nothing',
      { current: null, next: null, previous: null, canaryProbability: 1 },
      'Current holds no version. Next is empty.',
    ],
    [
      'a first version that waits',
      { current: null, next: v12, previous: null, canaryProbability: 1 },
      'Current holds no version. fraud v12 waits in next and gets none.',
    ],
    [
      'a share of next without current',
      { current: null, next: v12, previous: null, canaryProbability: 0.5 },
      'Current holds no version. fraud v12 in next gets 50 % of the requests.',
    ],
  ])('says what serves what: %s', (_, slots, sentence) => {
    expect(leadOf({ ...actual, ...slots })).toBe(sentence);
  });
});
