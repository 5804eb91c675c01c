/** The bounds of a model cache in a test that is not about them. */
export const ROOMY = { maxBytes: 2 ** 40, arrivalMs: 60_000 };
