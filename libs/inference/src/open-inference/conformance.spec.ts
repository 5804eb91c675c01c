import { BINARY_CASES } from './conformance-binary.fixture';
import { JSON_CASES } from './conformance-json.fixture';

/**
 * The conformance cases of the protocol (C4 ... C99) that the codec alone decides. What needs a server (health, repository,
 * statistics, compression, gRPC) is not here.
 */
describe('conformance to the Open Inference Protocol', () => {
  const cases = [...JSON_CASES, ...BINARY_CASES];
  let held = 0;

  afterAll(() => {
    process.stdout.write(`conformance: ${held} of ${cases.length} hold\n`);
  });

  it.each(cases)('%s', (_, observe, expected) => {
    expect(observe()).toEqual(expected);
    held++;
  });
});
