/** Why a model cannot be loaded, in a sentence for the person who asked. No paths of this machine in it. */
export class LoadFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LoadFailure';
  }
}

/** The runtime's message without the folder it names, its error codes' noise and its length. */
export function runtimeMessage(error: unknown, directory: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replaceAll(`${directory}/`, '')
    .replaceAll(directory, '')
    .replace(/\/[^\s"':]*\/onnxruntime\/[^\s"':]*:\d+\s*/g, '')
    .replace(/\s+/g, ' ')
    .slice(0, 500)
    .trim();
}
