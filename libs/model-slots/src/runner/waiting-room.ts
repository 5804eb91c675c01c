/** How much waits in one queue. */
export interface Waiting {
  readonly requests: number;
  readonly bytes: number;
}

/** What a request takes beside its tensors: its sockets, headers and promises. */
const BYTES_OF_A_REQUEST = 2048;

/**
 * The memory for what waits in this process, shared out among all runners, so that one that is flooded leaves room for the others.
 * A queue may hold as much as is still free: alone that is half of the room, beside n others that are full too the (n+2)th part, and
 * whoever comes last always finds as much as each of the others has. No queue has a place of its own that would be empty mostly.
 * (The dynamic threshold of Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998, with a factor of one.)
 */
export class WaitingRoom {
  private readonly queues = new Set<Waiting>();

  constructor(private readonly maxBytes: number) {}

  enter(queue: Waiting): void {
    this.queues.add(queue);
  }

  leave(queue: Waiting): void {
    this.queues.delete(queue);
  }

  /** Bytes of tensors that one queue may hold now, whatever it holds already. */
  get shareBytes(): number {
    let taken = 0;
    for (const { requests, bytes } of this.queues) taken += bytes + requests * BYTES_OF_A_REQUEST;
    return Math.max(0, this.maxBytes - taken);
  }
}
