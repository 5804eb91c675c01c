import { hash } from 'node:crypto';

/** Bytes of the digest that are used: 2^48 places, and exact in a double. */
const PLACE_BYTES = 6;

/**
 * The place of a canary key between 0 and 1, evenly spread and the same on every replica and after every restart. The salt, the
 * deployment's name, keeps one key from being among the first for every deployment.
 */
export function placeOfKey(key: string, salt: string): number {
  const digest = hash('sha256', `${salt}\n${key}`, 'buffer');
  return digest.readUIntBE(0, PLACE_BYTES) / 2 ** (8 * PLACE_BYTES);
}
