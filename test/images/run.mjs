#!/usr/bin/env node
/**
 * Builds both images and runs the services of compose.yaml together, with buildah: no container engine is needed. What runs has
 * a network of its own, so no port needs to be free and nothing can call out.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkComposeFile } from './compose-checks.mjs';
import { checkImage, checkServiceImage } from './image-checks.mjs';
import { checkJourney } from './journey.mjs';
import { Checks } from './support/checks.mjs';
import { isInstalled } from './support/command.mjs';
import { baseImages, composeServices } from './support/compose-file.mjs';
import { Composition } from './support/composition.mjs';
import { build, configurationOf, filesOf, obtain } from './support/images.mjs';
import { PrivateNetwork } from './support/private-network.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Program and the Debian package that has it. */
const PROGRAMS = { buildah: 'buildah', curl: 'curl', ip: 'iproute2', nsenter: 'util-linux', unshare: 'util-linux' };

const services = composeServices(ROOT);
const checks = new Checks();

/** What is missing and how to get it; undefined when nothing is. */
async function missing() {
  if (process.platform !== 'linux') return 'Containers are built and run on Linux only.';
  const absent = Object.keys(PROGRAMS).filter((program) => !isInstalled(program));
  if (absent.length > 0) {
    const packages = [...new Set(absent.map((program) => PROGRAMS[program]))];
    return `${absent.join(', ')} missing. On Debian: apt-get install ${packages.join(' ')}`;
  }
  for (const image of new Set(services.flatMap(({ dockerfile }) => baseImages(dockerfile)))) {
    const found = await obtain(image);
    if (!found.ok) return `${image} is not here and cannot be pulled (${found.why}). Try: buildah pull ${image}`;
  }
  return undefined;
}

async function buildImage(service) {
  const tag = `localhost/${service.image}:test`;
  await checks.check('it can be built', () => build({ ...service, tag }));
  const image = { service, tag, configuration: await configurationOf(tag), files: await filesOf(tag) };
  await checkImage(checks, image);
  if (service.name === 'understudy') await checkServiceImage(checks, image, ROOT);
  return image;
}

/** Opens what the journey needs and closes it, also when somebody ends this program with a signal. */
async function withComposition(images, body) {
  const network = await PrivateNetwork.open();
  const composition = new Composition(services, images, network);
  let closed;
  const close = () =>
    (closed ??= (async () => {
      await network.close();
      await composition.remove();
    })());
  const interrupt = () => void close().then(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    await body(composition);
  } finally {
    for (const { service, log } of checks.failed > 0 ? composition.containers : [])
      console.error(`The last of ${service.name}'s log:\n${log.slice(-4000)}`);
    await close();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

async function main() {
  await checks.group('compose.yaml', () => checkComposeFile(checks, services, ROOT));
  const why = await missing();
  if (why !== undefined) {
    checks.skip('building and running the images', `${why}\nThen: npm run test:images`);
    return;
  }
  const images = {};
  for (const service of services) {
    await checks.group(`image of ${service.name}`, async () => {
      images[service.name] = await buildImage(service);
    });
  }
  if (checks.failed > 0) return;
  await checks.group('services together', () =>
    withComposition(images, (composition) => checkJourney(checks, composition)),
  );
}

if (process.platform === 'linux' && process.getuid() !== 0 && isInstalled('buildah')) {
  // As somebody else than root: once more, in a user namespace.
  const { status } = spawnSync('buildah', ['unshare', process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  await main();
  const unseen = checks.skipped > 0 && process.env.CI !== undefined && process.env.CI !== 'false';
  if (unseen) console.error('CI is set: a skipped check is a failure.');
  console.log(`\n${checks.summary()}`);
  process.exitCode = checks.failed > 0 || unseen ? 1 : 0;
}
