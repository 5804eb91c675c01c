import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { baseImages } from './support/compose-file.mjs';
import { filesOf, megabytes } from './support/images.mjs';

/** Megabytes that an image may add to its base image: 15 % above what was measured (docs/containers.md). */
const MOST_ADDED_MB = { understudy: 92, mlflow: 1100 };

const APP = '/app/node_modules/';

/** What both images promise. */
export async function checkImage(checks, { service, configuration, files }) {
  const base = await filesOf(baseImages(service.dockerfile)[0]);

  await checks.check('its user is not root', () => {
    const [user] = configuration.User.split(':');
    assert.notEqual(user, '');
    assert.notEqual(user, 'root');
    assert.notEqual(Number(user), 0);
  });

  await checks.check('signals reach what serves: no shell is in between', () => {
    assert.ok(!/(^|\/)(sh|bash|npm)$/.test(configuration.Cmd[0]), configuration.Cmd.join(' '));
    assert.equal(configuration.StopSignal, 'SIGTERM');
    return configuration.Cmd.slice(0, 2).join(' ');
  });

  await checks.check('its volume belongs to its user', () => {
    const volumes = Object.keys(configuration.Volumes);
    assert.deepEqual(
      volumes,
      service.volumes.map(({ path }) => path),
    );
    for (const volume of volumes) assert.notEqual(files.find(({ path }) => path === volume)?.uid ?? 0, 0);
  });

  await checks.check('it is not larger than it was', () => {
    const all = megabytes(files);
    const added = all - megabytes(base);
    const most = MOST_ADDED_MB[service.name];
    assert.ok(added <= most, `it adds ${added.toFixed(0)} MB to its base image, more than ${most} MB`);
    return `${all.toFixed(0)} MB, of which ${added.toFixed(0)} MB on top of the base image; at most ${most} MB`;
  });
}

/** What only the image of the service promises. */
export async function checkServiceImage(checks, { files }, root) {
  const named = (pattern) => files.filter(({ path }) => pattern.test(path)).map(({ path }) => path);

  await checks.check('it holds no Python', () => {
    assert.deepEqual(named(/\/(s?bin|lib|local|opt)\/(python|pypy)[^/]*$/), []);
  });

  await checks.check('it holds no model', () => {
    assert.deepEqual(named(/\.(onnx|ort|pkl|pt|safetensors)$|\/MLmodel$/), []);
  });

  await checks.check('it holds no dev dependency', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const held = named(/^\/app\/node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/).map((path) =>
      path.slice(APP.length, -'/package.json'.length),
    );
    assert.ok(held.length > 0);
    assert.deepEqual(
      held.filter((name) => packages[`node_modules/${name}`]?.dev !== undefined),
      [],
    );
    return held.join(', ');
  });

  await checks.check('it holds native code of one platform only', () => {
    const native = named(/^\/app\/.*\.(node|dll|dylib|so[.\d]*)$/);
    assert.ok(native.length > 0);
    const here = [`/linux/${process.arch}/`, `/@libsql/linux-${process.arch}-gnu/`];
    const elsewhere = native.filter((path) => !here.some((part) => path.includes(part)));
    assert.deepEqual(elsewhere, []);
    return native.map((path) => basename(path)).join(', ');
  });

  await checks.check('its user cannot change what runs', () => {
    const owned = files.filter(({ path, uid }) => path.startsWith('/app') && uid !== 0);
    assert.deepEqual(owned, []);
  });
}
