/** How a worker process is started. */
export interface WorkerProgram {
  /** The file that Node runs: the server's own. */
  readonly path: string;
  /** Where the control process answers what is no prediction. */
  readonly controlSocket: string;
}

/** What a worker is told at its start. */
export interface WorkerArguments {
  readonly controlSocket: string;
  /** Not used again by another worker of the same server. */
  readonly id: number;
}

/** What the arguments of this process say: null where it is not a worker. */
export function readWorkerArguments(argv: readonly string[]): WorkerArguments | null {
  const [role, controlSocket, id] = argv.slice(2);
  return role === 'worker' && controlSocket !== undefined ? { controlSocket, id: Number(id) } : null;
}
