import assert from 'node:assert/strict';
import { commandsOf, readmeBlock } from '../readme/support/blocks.mjs';
import { tryRun } from './support/command.mjs';
import { ISOLATION } from './support/images.mjs';
import { SPEC_WORKFLOW } from './support/spec-workflow.mjs';

const STOPPED = { understudy: 0, mlflow: 0 };

/** From `docker compose up` to `docker compose down` and back, by the commands of the README. */
export async function checkJourney(checks, composition) {
  const { network } = composition;
  const curl = (path) => composition.shell(`curl --silent --show-error http://localhost:8000${path}`);
  const [up, train, predict, down] = commandsOf(readmeBlock('compose'));

  await checks.check('the image alone does not serve everybody unasked', async () => {
    const { code, output } = await runOnce(composition, 'understudy');
    assert.equal(code, 1, output);
    assert.match(output, /HOST: 0\.0\.0\.0 can be reached .* UNDERSTUDY_AUTH=none/);
  });

  await checks.check(up.command, async () => {
    await composition.command(up.command);
    return 'both are healthy, no model is registered';
  });

  await checks.check('before there is a model it says what it waits for', async () => {
    assert.match(await curl('/'), /"current_model_loaded":false,"next_model_loaded":false/);
    const { ready, checks: found } = JSON.parse(await curl('/readyz'));
    const { found: why } = found.find(({ ok }) => !ok);
    assert.equal(ready, false);
    assert.match(why, /waiting for models:\/tracking-quickstart\/1/);
    return why;
  });

  await checks.check('MLflow knows itself by the names that people and Understudy use, and by no other', async () => {
    const status = (url) => composition.shell(`curl --silent --output /dev/null --write-out '%{http_code}' ${url}`);
    assert.equal(await status('http://localhost:8080/'), '200');
    assert.equal(await status('http://127.0.0.1:8080/'), '200');
    assert.equal(await status("--header 'Host: mlflow:8080' http://localhost:8080/"), '200');
    assert.equal(await status("--header 'Host: rebound.example' http://localhost:8080/"), '403');
  });

  await checks.check(train.command, async () => {
    assert.match(await composition.command(train.command), /^version 1: /);
  });

  await checks.check(predict.command, async () => {
    // What curl was answered before the last try may stand in front of it.
    const came = await composition.command(predict.command);
    assert.ok(came.endsWith(predict.answer), came);
    assert.equal(JSON.parse(await curl('/readyz')).ready, true);
  });

  for (const { name, command, answer } of SPEC_WORKFLOW) {
    await checks.check(name, async () => {
      const came = await composition.command(command);
      if (answer instanceof RegExp) assert.match(came, answer);
      else assert.equal(came, answer);
    });
  }

  await checks.check('Swagger UI has all its files', async () => {
    const page = await curl('/docs/');
    const files = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => file);
    assert.ok(files.length > 3, page.slice(0, 500));
    for (const file of files) await composition.shell(`curl --silent --fail http://localhost:8000/docs/${file}`);
    return `${files.length} files`;
  });

  await checks.check('no process of a container is root', async () => {
    for (const { name } of composition.services)
      assert.notEqual((await composition.container(name).exec(['id', '-u'])).trim(), '0');
  });

  const containers = [...composition.containers];
  await checks.check('SIGTERM ends both with exit code 0, and nothing is left running', async () => {
    for (const container of [...containers].reverse())
      assert.deepEqual([container.service.name, await container.stop()], [container.service.name, 0]);
    assert.deepEqual(network.left(), []);
  });

  await checks.check('nothing was written outside the volumes and /tmp', async () => {
    for (const container of containers) assert.deepEqual(await container.writtenFiles(), []);
  });

  await checks.check('new containers on the same volumes serve what was trained', async () => {
    for (const container of composition.containers.splice(0)) await container.remove();
    await composition.command(up.command);
    const came = await composition.command(predict.command);
    assert.ok(came.endsWith(predict.answer), came);
  });

  await checks.check(down.command, async () => {
    assert.deepEqual(await composition.command(down.command), STOPPED);
    assert.deepEqual(network.left(), []);
  });
}

/** Runs a service's image as it is, without what compose.yaml says. */
async function runOnce(composition, name) {
  const { tag, configuration } = composition.images[name];
  const { stdout } = await tryRun('buildah', ['from', '--pull-never', tag]);
  const id = stdout.trim();
  try {
    const command = ['buildah', 'run', ...ISOLATION, id, '--', ...configuration.Cmd];
    return await tryRun(...composition.network.inside(command));
  } finally {
    await tryRun('buildah', ['rm', id]);
  }
}
