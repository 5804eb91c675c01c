import { z } from 'zod';

/** How a version was logged to be run; what it does not say, or what means nothing here, is left out. */
export interface SessionWishes {
  readonly threads?: number;
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
}

/** onnxruntime's numbers of the levels, as MLflow writes them; 3 is layout, which only `all` contains. */
const LEVELS: Readonly<Record<number, SessionWishes['optimization']>> = {
  0: 'disabled',
  1: 'basic',
  2: 'extended',
  3: 'all',
  99: 'all',
};

const sessionOptions = z.object({
  intra_op_num_threads: z.number().int().positive().max(1024).optional().catch(undefined),
  graph_optimization_level: z.number().optional().catch(undefined),
});

/**
 * What the `onnx_session_options` of an ONNX flavor ask for. Threads between operators and the mode of execution are not taken: a
 * runner runs one operator at a time. Nor is `extra_session_config`: it can name files.
 */
export function readSessionOptions(flavor: unknown): SessionWishes {
  const parsed = sessionOptions.safeParse((flavor as { onnx_session_options?: unknown } | null)?.onnx_session_options);
  if (!parsed.success) return {};
  const { intra_op_num_threads: threads, graph_optimization_level: level } = parsed.data;
  const optimization = level === undefined ? undefined : LEVELS[level];
  return {
    ...(threads === undefined ? {} : { threads }),
    ...(optimization === undefined ? {} : { optimization }),
  };
}
