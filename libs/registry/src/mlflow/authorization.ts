import type { MlflowCredentials } from '@understudy/platform';

/** Shorter texts stand in any sentence by chance. */
const MIN_SECRET_LENGTH = 4;

/** What is said in the Authorization header, and nowhere else. */
export interface Authorization {
  readonly header: string | undefined;
  /** A text without what is secret in the header: some servers repeat the headers of a request in their errors. */
  conceal(text: string): string;
}

/** From the settings, else from the tracking URI. A user name with its password wins over a token, as in MLflow's own client. */
export function authorizationFor(credentials: MlflowCredentials, trackingUri: URL): Authorization {
  const username = credentials.username ?? (decoded(trackingUri.username) || undefined);
  const password = credentials.password ?? (decoded(trackingUri.password) || undefined);
  if (username !== undefined && password !== undefined) {
    const pair = Buffer.from(`${username}:${password}`).toString('base64');
    return { header: `Basic ${pair}`, conceal: concealing([pair, password]) };
  }
  const { token } = credentials;
  return token === undefined
    ? { header: undefined, conceal: (text) => text }
    : { header: `Bearer ${token}`, conceal: concealing([token]) };
}

function concealing(secrets: readonly string[]): (text: string) => string {
  const hidden = secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH);
  return (text) => hidden.reduce((shown, secret) => shown.replaceAll(secret, '(hidden)'), text);
}

/** A percent sign that encodes nothing is one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
