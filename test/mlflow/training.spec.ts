import { describeOnMlflow, runShell } from './support/python';

describeOnMlflow('training/', () => {
  it('passes its own tests', async () => {
    expect(await runShell('python -m pytest -q training')).toMatch(/\d+ passed/);
  }, 300_000);
});
