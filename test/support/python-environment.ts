import { pythonEnvironment } from '../../tools/python-env.mjs';

/** What tests learn from the set-up of their project, through the environment: jest runs them in other contexts. */
export const PYTHON_VARIABLE = 'UNDERSTUDY_TEST_PYTHON';

/** One environment for all tests that need Python. */
const REQUIREMENTS = 'test/clients/requirements.txt';

/**
 * Installs what tests need of Python into an environment of its own (once) and resolves to its interpreter. Without Python 3.11 or a
 * package index `whose` tests are skipped, and it says so; with CI set that is a failure.
 */
export function pythonForTests(whose: string, script: string): string | undefined {
  const made = pythonEnvironment(REQUIREMENTS);
  if (made.ok) {
    process.env[PYTHON_VARIABLE] = made.python;
    return made.python;
  }
  if (process.env['CI'] !== undefined) throw new Error(`The tests on ${whose} cannot run: ${made.why}`);
  console.warn(
    `\nSkipping the tests on ${whose}: ${made.why}. Install Python 3.11 with venv, then: npm run ${script}\n`,
  );
  return undefined;
}
