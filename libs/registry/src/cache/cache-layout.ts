/** The folders of a model cache; {@link ModelCache} says what is in them. */
export const VERSIONS = 'versions';
export const KEYS = 'keys';
export const STAGING = 'staging';

/** The folder below a version's own that holds its files, and the list of them beside it. */
export const FILES = 'files';
export const MANIFEST = 'manifest.json';

/** Ending of the file beside a staged version that says how many bytes it was promised. */
export const RESERVATION = '.reserved';

/** What a process on another machine has not touched for so long is left behind. */
export const LEFTOVER_SILENCE_MS = 24 * 3_600_000;
