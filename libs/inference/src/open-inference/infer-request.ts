import type { Tensor } from '../tensor';
import type { InferRefusalCode } from './refusal';

/** An output that the answer is to hold, and in which form. */
export interface RequestedOutput {
  readonly name: string;
  /** Its position among the model's outputs. */
  readonly index: number;
  /** As bytes after the JSON, not within it. */
  readonly binary: boolean;
  /** How many classes to answer with in the tensor's place; 0 for the tensor itself. */
  readonly classification: number;
}

export interface InferRequest {
  /** Echoed in the answer; undefined where the request has none, or the empty text, which means the same. */
  readonly id: string | undefined;
  /** In the signature's order, with the sizes and datatypes that the signature asks for. */
  readonly inputs: readonly Tensor[];
  /** In the answer's order: the request's where it names outputs, else the model's. */
  readonly outputs: readonly RequestedOutput[];
  /** The size of the first axis where all inputs share it, else undefined; such a request must run by itself. */
  readonly rows: number | undefined;
  /** 1 is the most urgent; undefined or 0 leaves it to the server. */
  readonly priority: number | undefined;
  /** Microseconds that the request may wait; undefined or 0 leaves it to the server. */
  readonly timeoutUs: number | undefined;
}

export type InferResult =
  | ({ readonly ok: true } & InferRequest)
  | { readonly ok: false; readonly code: InferRefusalCode; readonly problem: string };
