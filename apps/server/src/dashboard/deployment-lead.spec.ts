import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../../../../test/support/temporary-folder';
import { DeploymentLead, type Served } from './deployment-lead';

const WORDS = {
  currentNotReady: 'current-not-ready',
  nextNotReady: 'next-not-ready',
  nothing: 'nothing',
  every: 'every({current})',
  split: 'split({current} {currentShare}, {next} {nextShare})',
  nextShare: 'next-share({next} {nextShare})',
  nextEmpty: 'next-empty',
  nextWaits: 'next-waits({next})',
  wayBack: 'way-back({previous})',
  noWayBack: 'no-way-back',
  percent: '{figure} %',
};

const ref = (name: string, version: string | null) => ({
  uri: version === null ? name : `models:/${name}/${version}`,
  requestedUri: name,
  name,
  version,
  digest: 'sha256:0',
});
const v12 = ref('fraud', '12');
const v13 = ref('fraud', '13');
const held = (state: string) => ({ runner: { status: { state } } });
const ready = held('ready');

type Slots = Served['state'];
const slots = (current: Slots['current'], next: Slots['next'], previous: Slots['previous'], canaryProbability = 1) => ({
  current,
  next,
  previous,
  canaryProbability,
});

/** With everything ready that is there, but for what `otherwise` says. */
const served = (state: Slots, otherwise: Partial<Served['held']> = {}): Served => ({
  state,
  held: {
    current: state.current && ready,
    next: state.next && ready,
    previous: state.previous && ready,
    ...otherwise,
  },
});

describe('the lead that stands in the page of a deployment', () => {
  let folder: TemporaryFolder;
  let lead: DeploymentLead;

  beforeAll(() => {
    folder = temporaryFolder('dashboard');
    writeFileSync(join(folder.path, 'deployment-lead.json'), JSON.stringify(WORDS));
    lead = new DeploymentLead(folder.path);
  });

  afterAll(() => {
    folder.remove();
  });

  it.each<[string, Served, string]>([
    ['current alone', served(slots(v13, null, v12)), 'every(fraud v13) next-empty way-back(fraud v12)'],
    ['a version that waits', served(slots(v12, v13, null)), 'every(fraud v12) next-waits(fraud v13) no-way-back'],
    [
      'a split, to a tenth',
      served(slots(v12, v13, v12, 0.925)),
      'split(fraud v12 92.5 %, fraud v13 7.5 %) way-back(fraud v12)',
    ],
    ['a share without current', served(slots(null, v13, null, 0.5)), 'nothing next-share(fraud v13 50 %)'],
    ['nothing', served(slots(null, null, null)), 'nothing next-empty'],
    [
      'what is not ready, before all else',
      served(slots(v12, v13, null, 0.9), { current: held('failed'), next: held('restarting') }),
      'current-not-ready next-not-ready split(fraud v12 90 %, fraud v13 10 %) no-way-back',
    ],
    [
      'what this process does not hold',
      served(slots(v12, v13, null), { next: null }),
      'every(fraud v12) next-empty no-way-back',
    ],
    [
      'a run, by its URI',
      served(slots(ref('runs:/1/model', null), null, null)),
      'every(runs:/1/model) next-empty no-way-back',
    ],
    [
      'a name that is no plain text, as text',
      served(slots(ref('<b>$&{next}', '1'), null, null)),
      'every(&#60;b&#62;$&#38;{next} v1) next-empty no-way-back',
    ],
  ])('says what serves what: %s', (_, of, sentence) => {
    expect(lead.of(of)).toBe(sentence);
  });
});
