import fc from 'fast-check';
import { entryHash, genesisHash, verifyChain } from './audit-chain';
import type { AuditRow } from './audit-row';

const GENESIS = genesisHash('one');

const text = fc.string({ maxLength: 5 });
const textOrNull = fc.option(text);

const unchained: fc.Arbitrary<Omit<AuditRow, 'hash' | 'sequence'>> = fc.record({
  id: text,
  at: text,
  actor: text,
  tokenId: textOrNull,
  address: textOrNull,
  action: text,
  subject: text,
  reason: textOrNull,
  beforeState: textOrNull,
  afterState: textOrNull,
  outcome: text,
  problem: textOrNull,
  requestId: text,
});

const chains = fc.array(unchained, { minLength: 2, maxLength: 8 }).map((entries) => {
  let hash = GENESIS;
  return entries.map((entry, index): AuditRow => {
    const row = { ...entry, sequence: index + 1 };
    hash = entryHash(hash, row);
    return { ...row, hash };
  });
});

async function* asyncly(rows: readonly AuditRow[]): AsyncGenerator<AuditRow> {
  yield* rows;
}

const headOf = (rows: readonly AuditRow[]) => ({ sequence: rows.length, hash: rows.at(-1)!.hash });

it('accepts every chain as it was written, and no other database’s', async () => {
  await fc.assert(
    fc.asyncProperty(chains, async (rows) => {
      const head = headOf(rows);
      expect(await verifyChain(asyncly(rows), GENESIS, head)).toEqual({ ok: true, head });
      expect(await verifyChain(asyncly(rows), genesisHash('two'), head)).toMatchObject({ ok: false, sequence: 1 });
    }),
  );
});

it('[case 159] finds the first entry in which any one field was changed', async () => {
  await fc.assert(
    fc.asyncProperty(chains, fc.nat(), fc.nat(), textOrNull, async (rows, where, which, value) => {
      const index = where % rows.length;
      const row = rows[index]!;
      const field = Object.keys(row)[which % Object.keys(row).length] as keyof AuditRow;
      fc.pre(field !== 'sequence' && row[field] !== value);
      const changed = rows.with(index, { ...row, [field]: value });
      const verdict = await verifyChain(asyncly(changed), GENESIS, headOf(rows));
      expect(verdict).toMatchObject({ ok: false, sequence: index + 1 });
    }),
  );
});

it('[case 159] finds a chain that somebody wrote anew from a changed entry on, by a head that was kept', async () => {
  await fc.assert(
    fc.asyncProperty(chains, async (rows) => {
      const kept = headOf(rows);
      let hash = GENESIS;
      const forged = rows.map((row) => {
        const changed = { ...row, actor: `${row.actor}!` };
        hash = entryHash(hash, changed);
        return { ...changed, hash };
      });
      expect(await verifyChain(asyncly(forged), GENESIS, headOf(forged))).toMatchObject({ ok: true });
      expect(await verifyChain(asyncly(forged), GENESIS, headOf(forged), kept)).toMatchObject({ ok: false });
    }),
  );
});
