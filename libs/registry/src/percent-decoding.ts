/** MLflow's server undoes this many layers of percent-encoding at most; more than that is nobody's file name. */
const MAX_LAYERS = 10;

/** Undoes percent-encoding until nothing changes, so that no layer of it hides a separator; `..` for what never ends. */
export function decodeFully(text: string): string {
  let current = text;
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const decoded = decodeOnce(current);
    if (decoded === current) return current;
    current = decoded;
  }
  return '..';
}

function decodeOnce(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
