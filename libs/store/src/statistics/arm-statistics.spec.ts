import fc from 'fast-check';
import { addTotals, type ArmTotals, withoutRareLabels } from './arm-statistics';

const counts = fc.dictionary(fc.string({ maxLength: 3 }), fc.nat(1_000), { maxKeys: 300 });

const totals: fc.Arbitrary<ArmTotals> = fc.record({
  slot: fc.constant('current'),
  version: fc.constant('models:/iris/1'),
  requests: fc.nat(),
  errors: fc.nat(),
  latency: counts,
  predictions: counts,
});

const sumOf = (labels: Readonly<Record<string, number>>): number => Object.values(labels).reduce((a, b) => a + b, 0);

it('sums are the same in any order and grouping', () => {
  fc.assert(
    fc.property(totals, totals, totals, (a, b, c) => {
      expect(addTotals(a, b)).toEqual(addTotals(b, a));
      expect(addTotals(addTotals(a, b), c)).toEqual(addTotals(a, addTotals(b, c)));
    }),
  );
});

it('leaving out rare labels loses no count', () => {
  fc.assert(
    fc.property(counts, (labels) => {
      const kept = withoutRareLabels(labels);
      expect(sumOf(kept)).toBe(sumOf(labels));
      expect(Object.keys(kept).length).toBeLessThanOrEqual(201);
    }),
  );
});
