import fc from 'fast-check';
import { type Backlog, whyNotAdmitted } from './admission';
import { WaitingRoom } from './waiting-room';

const MIB = 2 ** 20;
const LIMITS = { requests: 1e9, rows: 1e9, bytes: Infinity };

class Queue {
  requests = 1;
  rows = 1;
  bytes = 0;
  turnedAway = 0;

  /** A request of so many bytes comes; it waits, or is turned away. */
  offer(bytes: number, room: WaitingRoom): boolean {
    const backlog: Backlog = { waiting: this, rowsUnderWay: 0, msPerRow: undefined };
    const arrival = { rows: 1, bytes, timeLeftMs: 1000 };
    if (whyNotAdmitted(backlog, arrival, LIMITS, room.shareBytes) !== undefined) {
      this.turnedAway++;
      return false;
    }
    this.requests++;
    this.bytes += bytes;
    return true;
  }
}

function flooded(room: WaitingRoom, count: number): Queue[] {
  const queues = Array.from({ length: count }, () => new Queue());
  for (const queue of queues) room.enter(queue);
  for (let turn = 0; turn < 2000; turn++) for (const queue of queues) queue.offer(MIB, room);
  return queues;
}

describe('[case 124] the room for what waits in a process', () => {
  it('leaves half of it free beside one flooded deployment, and the others are taken', () => {
    const room = new WaitingRoom(512 * MIB);
    const [flood] = flooded(room, 1) as [Queue];
    expect(Math.round(flood.bytes / MIB)).toBe(256);
    const calm = new Queue();
    room.enter(calm);
    for (let request = 0; request < 100; request++) expect(calm.offer(MIB, room)).toBe(true);
  });

  it('is shared out evenly among several that are flooded', () => {
    const room = new WaitingRoom(512 * MIB);
    const shares = flooded(room, 3).map(({ bytes }) => Math.round(bytes / MIB));
    for (const share of shares) expect(share).toBeCloseTo(128, -1);
  });

  it('is free again when a runner ends', () => {
    const room = new WaitingRoom(512 * MIB);
    const [first] = flooded(room, 1) as [Queue];
    room.leave(first);
    expect(room.shareBytes).toBe(512 * MIB);
  });

  it('is never more than all, whatever comes in whichever order', () => {
    const arrivals = fc.array(fc.tuple(fc.nat(4), fc.integer({ min: 0, max: 64 * MIB })), { maxLength: 200 });
    fc.assert(
      fc.property(arrivals, (all) => {
        const room = new WaitingRoom(256 * MIB);
        const queues = Array.from({ length: 5 }, () => new Queue());
        for (const queue of queues) room.enter(queue);
        for (const [queue, bytes] of all) queues[queue]!.offer(bytes, room);
        expect(queues.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(256 * MIB);
      }),
    );
  });

  it('tells who is turned away which setting that is', () => {
    const room = new WaitingRoom(8 * MIB);
    const [queue] = flooded(room, 1) as [Queue];
    const backlog: Backlog = { waiting: queue, rowsUnderWay: 0, msPerRow: undefined };
    const refused = whyNotAdmitted(backlog, { rows: 1, bytes: MIB, timeLeftMs: 1000 }, LIMITS, room.shareBytes);
    expect(refused?.problem).toMatch(/may beside what waits for the others \(UNDERSTUDY_MAX_WAITING_BYTES_IN_ALL\)/);
  });
});
