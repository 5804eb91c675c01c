import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabasePlace } from '@understudy/store';
import { compiledProgram } from './support/compiled-program';
import { onBothKinds, TestDatabases } from './support/databases';
import { selectSql } from './support/sql';

const KILLS = 12;

/** A process that changes a deployment without end. */
class Writer {
  acknowledged = 0;
  private readonly child: ChildProcess;
  private readonly first: Promise<unknown>;

  constructor(program: string, place: DatabasePlace) {
    this.child = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(place)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: this.child.stdout! });
    lines.on('line', (line) => {
      this.acknowledged = Number(line);
    });
    this.first = Promise.race([
      once(lines, 'line'),
      once(this.child, 'exit').then(() => {
        throw new Error('the writer ended by itself');
      }),
    ]);
  }

  async killAfter(ms: number): Promise<void> {
    await this.first;
    await sleep(ms);
    // 'close' comes after the last line that it wrote was read.
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}

onBothKinds('a process that is killed while it writes', (kind) => {
  const databases = new TestDatabases(kind);

  afterAll(() => databases.end());

  it(`[case 109] never loses a change that was acknowledged, in ${KILLS} kills at random moments`, async () => {
    const place = await databases.fresh();
    const program = compiledProgram('writer.ts');
    for (let kill = 1; kill <= KILLS; kill++) {
      const writer = new Writer(program, place);
      const afterMs = Math.random() * 60;
      await writer.killAfter(afterMs);

      const store = await databases.open(place);
      const [deployment] = await store.deployments.readAll();
      const verdict = await store.audit.verify();
      await store.close();
      const what = `kill ${kill} after ${afterMs.toFixed(1)} ms`;
      // One more than acknowledged where the answer was on its way; then all of it is there.
      expect([what, writer.acknowledged, writer.acknowledged + 1]).toContain(deployment!.generation);
      expect([what, deployment!.settings]).toEqual([what, { number: deployment!.generation }]);
      expect([what, verdict]).toMatchObject([what, { ok: true, head: { sequence: deployment!.generation } }]);
    }
    const [row] = await selectSql(place, 'SELECT count(*) AS count FROM understudy_audit');
    expect(Number(row!['count'])).toBeGreaterThanOrEqual(KILLS);
  }, 180_000);
});
