import type { TestPostgres } from './test-postgres';

export default async function stopPostgres(): Promise<void> {
  await (globalThis as { testPostgres?: TestPostgres }).testPostgres?.remove();
}
