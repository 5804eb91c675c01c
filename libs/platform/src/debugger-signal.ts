/**
 * Node opens its debugger on SIGUSR1: a port by which every process of the machine can read all of this one's memory, the secrets in it
 * too, and run what it likes. A serving process takes the signal and does nothing. The debugger is still there for whoever starts
 * the process with --inspect.
 */
export function closeDebuggerSignal(): void {
  process.on('SIGUSR1', () => undefined);
}
