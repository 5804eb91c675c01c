import { useLive } from './use-live';

/** Draws nothing; a component of its own, so that the frame is not drawn anew with each address. */
export function LiveUpdates() {
  useLive();
  return null;
}
