import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, tryRun } from './command.mjs';

/** No namespaces and no engine are needed to build and run this way; what runs has the caller's network. */
export const ISOLATION = ['--isolation', 'chroot'];

const BUILD_TIMEOUT_MS = 20 * 60_000;

/** Whether an image is here or could be fetched; else why not. */
export async function obtain(image) {
  if ((await tryRun('buildah', ['inspect', '--type', 'image', image])).code === 0) return { ok: true };
  const { code, output } = await tryRun('buildah', ['pull', image], { timeoutMs: 5 * 60_000 });
  return code === 0 ? { ok: true } : { ok: false, why: output.trim().split('\n').at(-1) };
}

/** Keeping each layer for the next build takes a fifth of the time; where everything is made once and thrown away nobody comes for it. */
const LAYERS = process.env.CI === 'true' ? '--layers=false' : '--layers';

/** Builds with a cache of layers, as Docker does. The format is Docker's because OCI's has no health check. */
export async function build({ dockerfile, context, tag }) {
  const args = ['bud', ...ISOLATION, '--format', 'docker', LAYERS, '--file', dockerfile, '--tag', tag, context];
  await run('buildah', args, { timeoutMs: BUILD_TIMEOUT_MS });
}

/** What the image says about how it runs: `User`, `Cmd`, `Env`, `Healthcheck` ... by Docker's names. */
export async function configurationOf(image) {
  return JSON.parse(await run('buildah', ['inspect', '--type', 'image', image])).Docker.config;
}

/** Every entry of an image's file system as `{ path, file, bytes, uid, gid, changedMs }`; `path` starts with a slash. */
export async function filesOf(image) {
  const container = (await run('buildah', ['from', '--pull-never', image])).trim();
  try {
    return await filesOfContainer(container);
  } finally {
    await run('buildah', ['rm', container]);
  }
}

export async function filesOfContainer(container) {
  const root = (await run('buildah', ['mount', container])).trim();
  try {
    return walk(root);
  } finally {
    await run('buildah', ['umount', container]);
  }
}

function walk(root) {
  const seen = new Set();
  // With types, or links to folders are followed.
  return readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const { size, ino, uid, gid, ctimeMs } = lstatSync(path);
    // A file with two names takes its space once.
    const bytes = entry.isFile() && !seen.has(ino) ? size : 0;
    seen.add(ino);
    return { path: path.slice(root.length), file: entry.isFile(), bytes, uid, gid, changedMs: ctimeMs };
  });
}

/** Megabytes (10^6 bytes) of all files, uncompressed. */
export function megabytes(files) {
  return files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
}
