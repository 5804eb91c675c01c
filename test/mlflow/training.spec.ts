import { describeOnMlflow, runShell } from './support/python';

describeOnMlflow('training/', () => {
  it('passes its own tests', async () => {
    expect(await runShell('python -m pytest -q training')).toMatch(/\d+ passed/);
  }, 300_000);

  it('makes the bundled models again, byte for byte', async () => {
    await expect(runShell('python training/make_bundled_models.py --check')).resolves.toEqual(expect.any(String));
  }, 120_000);
});
