import type { QueueLimits } from './admission';
import type { WaitingRequest } from './waiting-request';

/** Requests in the order of their turns, and how much they are together. */
export class RequestQueue implements QueueLimits {
  rows = 0;
  bytes = 0;
  private items: WaitingRequest[] = [];
  /** Requests before this position are gone; cutting the array for each would cost more than the requests. */
  private head = 0;

  get requests(): number {
    return this.items.length - this.head;
  }

  get first(): WaitingRequest | undefined {
    return this.items[this.head];
  }

  push(request: WaitingRequest): void {
    this.items.push(request);
    this.rows += request.rows;
    this.bytes += request.bytes;
  }

  /** Takes the first out. */
  shift(): void {
    const request = this.items[this.head++] as WaitingRequest;
    this.rows -= request.rows;
    this.bytes -= request.bytes;
    if (this.head === this.items.length) {
      this.items = [];
      this.head = 0;
    }
  }

  /** Puts requests back that have had their turn, before all others. */
  putBack(requests: readonly WaitingRequest[]): void {
    this.replace([...requests, ...this.items.slice(this.head)]);
  }

  /** Keeps only what `keep` says. */
  sift(keep: (request: WaitingRequest) => boolean): void {
    if (this.requests === 0) return;
    const before = this.items.slice(this.head);
    const after = before.filter(keep);
    if (after.length < before.length) this.replace(after);
  }

  /** Takes everything out. */
  drain(): readonly WaitingRequest[] {
    const all = this.items.slice(this.head);
    this.replace([]);
    return all;
  }

  private replace(items: WaitingRequest[]): void {
    this.items = items;
    this.head = 0;
    this.rows = 0;
    this.bytes = 0;
    for (const { rows, bytes } of items) {
      this.rows += rows;
      this.bytes += bytes;
    }
  }
}
