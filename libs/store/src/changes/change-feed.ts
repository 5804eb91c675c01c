/** Tells when the durable state changed, on this replica or on another. */
export abstract class ChangeFeed {
  /**
   * Calls the listener after every change at least once, soon after it is durable; several changes may be one call, and a call may
   * come for nothing. It says only that something changed: read what you hold again. Returns how to stop.
   */
  abstract subscribe(listener: () => void): () => void;

  /** Whether announcements arrive at once; while they do not, changes are found by polling. */
  abstract get isListening(): boolean;
}
