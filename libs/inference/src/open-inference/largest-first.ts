import type { NumericArray } from '../datatype';

/**
 * Positions of the `top` largest of the `length` elements from `start` on, largest first; equal ones by position, NaN last. Keeps the
 * best so far in a heap: time grows with `length * log(top)`, memory with `top`.
 */
export function largestFirst(data: NumericArray, start: number, length: number, top: number): Uint32Array {
  const heap = new WorstFirstHeap(data, start, top);
  for (let position = 0; position < length; position++) heap.offer(position);
  return heap.drain();
}

/** Binary heap of positions whose root is the worst of those kept. */
class WorstFirstHeap {
  private readonly positions: Uint32Array;
  private size = 0;

  constructor(
    private readonly data: NumericArray,
    private readonly start: number,
    capacity: number,
  ) {
    this.positions = new Uint32Array(capacity);
  }

  offer(position: number): void {
    if (this.size < this.positions.length) {
      this.positions[this.size] = position;
      this.rise(this.size++);
    } else if (this.size > 0 && this.worse(this.at(0), position)) {
      this.positions[0] = position;
      this.sink();
    }
  }

  /** All positions, best first; the heap is empty afterwards. */
  drain(): Uint32Array {
    const { positions } = this;
    while (this.size > 0) {
      const worst = this.at(0);
      this.size--;
      positions[0] = this.at(this.size);
      this.sink();
      positions[this.size] = worst;
    }
    return positions;
  }

  private at(slot: number): number {
    return this.positions[slot] as number;
  }

  private worse(a: number, b: number): boolean {
    const x = this.data[this.start + a] as number;
    const y = this.data[this.start + b] as number;
    if (x < y) return true;
    if (x > y) return false;
    if (x === y) return a > b;
    const xIsNumber = !Number.isNaN(x);
    return xIsNumber === !Number.isNaN(y) ? a > b : !xIsNumber;
  }

  private rise(slot: number): void {
    let child = slot;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.worse(this.at(child), this.at(parent))) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  private sink(): void {
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      if (left >= this.size) return;
      const right = left + 1;
      const worst = right < this.size && this.worse(this.at(right), this.at(left)) ? right : left;
      if (!this.worse(this.at(worst), this.at(parent))) return;
      this.swap(worst, parent);
      parent = worst;
    }
  }

  private swap(a: number, b: number): void {
    const { positions } = this;
    const held = this.at(a);
    positions[a] = this.at(b);
    positions[b] = held;
  }
}
