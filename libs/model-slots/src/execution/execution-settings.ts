/** Hardware that a model may run on, under the runtime's own names. */
export const EXECUTION_PROVIDERS = ['cpu', 'cuda', 'coreml', 'dml'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/** How far the runtime may rewrite the graph when it loads it. */
export const OPTIMIZATION_LEVELS = ['disabled', 'basic', 'extended', 'all'] as const;
export type OptimizationLevel = (typeof OPTIMIZATION_LEVELS)[number];

/** How the runtime runs one model. */
export interface ExecutionSettings {
  /** Threads inside one operator. */
  readonly threads: number;
  readonly provider: ExecutionProvider;
  readonly optimization: OptimizationLevel;
}

/** What somebody wants of it; what is left out is for others to say. */
export type ExecutionWishes = { readonly [Name in keyof ExecutionSettings]?: ExecutionSettings[Name] | undefined };

/** The machine as far as threads depend on it. */
export interface ExecutionPlace {
  /** Cores that this process may use. */
  readonly cores: number;
  /** Runners that are there already. */
  readonly otherRunners: number;
}

/**
 * How a model is run: by the first of the wishes that says something. The order is who knows better: whoever asked for this load,
 * the settings of the server, what was logged with the version. More threads than cores never help, so they are not given.
 */
export function resolveExecution(wishes: readonly ExecutionWishes[], place: ExecutionPlace): ExecutionSettings {
  const first = <Name extends keyof ExecutionSettings>(name: Name): ExecutionSettings[Name] | undefined =>
    wishes.find((wish) => wish[name] !== undefined)?.[name];
  return {
    threads: Math.min(first('threads') ?? sensibleThreads(place), Math.max(place.cores, 1)),
    provider: first('provider') ?? 'cpu',
    optimization: first('optimization') ?? 'all',
  };
}

/** The cores shared out between the runners; between two at least, because next computes beside current during a rollout. */
export function sensibleThreads({ cores, otherRunners }: ExecutionPlace): number {
  return Math.max(1, Math.floor(cores / Math.max(2, otherRunners + 1)));
}
