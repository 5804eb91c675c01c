const NUMBER = /[-+]?\d[\d.]*(?:e[-+]?\d+)?/gi;
const QUOTED = /'[^']*'|"[^"]*"/g;

/**
 * The sentence of a failed prediction as the log may have it. A model that fails at run time names the values that it failed at, and
 * what people send to a model does not belong in a log: its numbers and texts are left out. The client gets the whole sentence.
 */
export const withoutValues = (code: string, detail: string): string =>
  code === 'inference-failed' ? detail.replace(QUOTED, '(…)').replace(NUMBER, '#') : detail;
