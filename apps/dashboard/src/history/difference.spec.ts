import { differences } from './difference';

const version = (number: number, digest = `d${number}`) => ({
  uri: `models:/iris/${number}`,
  name: 'iris',
  version: String(number),
  digest,
});

it('shows what a change made other, versions by their URI', () => {
  expect(
    differences(
      { current: version(1), next: null, canaryProbability: 1, generation: 3 },
      { current: version(1), next: version(2), canaryProbability: 0.9, generation: 4 },
    ),
  ).toEqual([
    { path: 'next', before: 'nothing', after: 'models:/iris/2' },
    { path: 'canaryProbability', before: '1', after: '0.9' },
    { path: 'generation', before: '3', after: '4' },
  ]);
});

it('looks into settings', () => {
  expect(differences({ settings: { threads: 1 } }, { settings: { threads: 2, provider: 'cpu' } })).toEqual([
    { path: 'settings.threads', before: '1', after: '2' },
    { path: 'settings.provider', before: 'nothing', after: 'cpu' },
  ]);
});

it('tells versions of one name with other bytes apart', () => {
  expect(differences({ current: version(1) }, { current: version(1, 'other') })).toHaveLength(1);
});

it('shows a creation and a removal whole', () => {
  expect(differences(null, { canaryProbability: 1 })).toEqual([
    { path: 'canaryProbability', before: 'nothing', after: '1' },
  ]);
  expect(differences({ canaryProbability: 1 }, null)).toEqual([
    { path: 'canaryProbability', before: '1', after: 'nothing' },
  ]);
});
