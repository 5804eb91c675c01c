/**
 * What stands in dist/apps/server/main.js: runs the bundle beside it, with what V8 compiled of it before, where that fits. Compiling ten
 * megabytes is a third of a start (docs/adr/0021-compiled-code-is-kept.md).
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, Script } from 'node:vm';

const PROGRAM = fileURLToPath(import.meta.url);
const FOLDER = dirname(PROGRAM);
const BUNDLE = join(FOLDER, 'bundle.cjs');
const KEPT = join(FOLDER, 'bundle.compiled');
const DIGEST_BYTES = 32;

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** Undefined unless it is of this very source and as it was written: V8 itself compares no more than the length of the source. */
function readKept(sourceDigest) {
  let kept;
  try {
    kept = readFileSync(KEPT);
  } catch {
    return undefined;
  }
  const compiled = kept.subarray(DIGEST_BYTES);
  return sha256(sourceDigest, compiled).equals(kept.subarray(0, DIGEST_BYTES)) ? compiled : undefined;
}

function compile() {
  const source = readFileSync(BUNDLE);
  const sourceDigest = sha256(source);
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname, __url) {${source.latin1Slice()}\n})`,
    {
      filename: BUNDLE,
      // Of another version of V8, or for other flags, it is refused, and the source compiled.
      cachedData: readKept(sourceDigest),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    },
  );
  return { script, sourceDigest };
}

const { script, sourceDigest } = compile();

/** Whether this start was spared the compiling. */
export const isFromKept = script.cachedDataRejected === false;

/** Keeps what V8 has compiled by now for the starts to come. The build does it: tools/keep-compiled-code.mjs. */
export function keepCompiled() {
  const compiled = script.createCachedData();
  // Never half a file under that name.
  writeFileSync(`${KEPT}.new`, Buffer.concat([sha256(sourceDigest, compiled), compiled]));
  renameSync(`${KEPT}.new`, KEPT);
}

const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(import.meta.url), module, PROGRAM, FOLDER, import.meta.url);
