import Sequencer from '@jest/test-sequencer';

/** What starts whole programs takes longest and waits most. A short test that is left for the end keeps no core idle. */
const FIRST = ['readme', 'mlflow', 'e2e', 'clients', 'store', 'browser', 'gauntlet', 'unit', 'dashboard'];

const placeOf = ({ context }) => FIRST.indexOf(context.config.displayName.name);

/** The order of a run: by how long tests of their kind take, and within a kind as jest has them. */
export default class LongOnesFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => placeOf(one) - placeOf(other));
  }
}
