import type { Database } from './database';

/** Whether the database answers. */
export abstract class DatabaseHealth {
  /** Asks it something small. Throws DomainError `database-unavailable`. */
  abstract check(): Promise<void>;
}

export class SqlDatabaseHealth extends DatabaseHealth {
  constructor(private readonly database: Database) {
    super();
  }

  override async check(): Promise<void> {
    await this.database.read((manager) => manager.query('SELECT 1'));
  }
}
