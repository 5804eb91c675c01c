import Libsql from 'libsql';
import pg from 'pg';
import type { DatabasePlace } from '@understudy/store';

/** Statements as somebody with full rights runs them, past the store. The embedded database must be closed. */
export async function runSql(place: DatabasePlace, statements: readonly string[]): Promise<void> {
  if (place.kind === 'embedded') {
    const database = new Libsql(place.path);
    for (const statement of statements) database.exec(statement);
    database.close();
    return;
  }
  const client = new pg.Client({ connectionString: place.url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

export async function selectSql(place: DatabasePlace, statement: string): Promise<Record<string, unknown>[]> {
  if (place.kind === 'embedded') {
    const database = new Libsql(place.path);
    const rows = database.prepare(statement).all() as Record<string, unknown>[];
    database.close();
    return rows;
  }
  const client = new pg.Client({ connectionString: place.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
