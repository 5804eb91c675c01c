import buildOnce from '../../support/build-once';
import { pythonForTests } from '../../support/python-environment';

export default function globalSetup(): void {
  buildOnce();
  pythonForTests('real clients of the protocols', 'test:clients');
}
