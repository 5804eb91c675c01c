import fc from 'fast-check';
import { NamesSeen } from './names-seen';
import { shortText } from './short-text';

/** Few letters, so that many texts fall to the same place. */
const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'Z', '_', '0'), maxLength: 20 });

describe('texts made of bytes again and again', () => {
  it('are those of their own bytes, whatever was made before', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 50 }), (list) => {
        const made = list.map((text) => shortText(Buffer.from(`"${text}"`), 1, text.length + 1));
        expect(made).toEqual(list);
      }),
      { numRuns: 300 },
    );
  });
});

describe('names seen', () => {
  it('are told from fresh ones as by a set', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 30 }).map(String), { maxLength: 60 }), (names) => {
        const seen = new NamesSeen();
        const first = names.map((name, index) => names.indexOf(name) === index);
        const fresh = names.map((name) => {
          if (seen.has(name)) return false;
          seen.add(name);
          return true;
        });
        expect(fresh).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });
});
