import type { HttpAnswer } from './refusal';

/** Where the answer to a prediction goes. */
export interface AnswerOutlet {
  /** Whether nobody is left to read an answer. */
  readonly isGone: boolean;
  /**
   * Sends the answer, whole.
   *
   * @param headers Names and values in turn; Content-Length among them, and Connection where the connection does not stay.
   * @param bytes Of the body.
   */
  send(status: number, headers: string[], body: HttpAnswer['body'], bytes: number, stays: boolean): void;
}
