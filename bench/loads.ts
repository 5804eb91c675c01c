import type { Load } from './load';

const JSON_HEADERS = { 'Content-Type': 'application/json' };

const TWO_ROWS = '{"data":[[5.1,3.5,1.4,0.2],[6.2,3.4,5.4,2.3]]}';

/** What every peer must answer to two Iris rows; a fast wrong answer is a defect. */
export const EXPECTED_PREDICTIONS = [0, 2];

export const twoRows = (connections: number): Load => ({
  name: `two rows, ${connections} ${connections === 1 ? 'connection' : 'connections'}`,
  connections,
  body: TWO_ROWS,
  headers: JSON_HEADERS,
});

export const LOADS: readonly Load[] = [twoRows(1), twoRows(32)];
