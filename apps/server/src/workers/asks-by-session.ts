import type { IncomingMessage } from 'node:http';
import { SESSION_COOKIE } from '../access/sessions';

/**
 * Whether the session of a browser decides who asks. Only the control process knows which were signed out, so it answers such
 * predictions itself: they are a person's, and few.
 */
export function asksBySession({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers.authorization === undefined && headers.cookie?.includes(SESSION_COOKIE) === true;
}
