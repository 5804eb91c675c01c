import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The tables of the first release. Only types that mean the same to SQLite and PostgreSQL: times are ISO 8601 texts in UTC, JSON is
 * text, so that what was hashed is what is stored. The prefix lets the database be shared with other programs.
 */
const TABLES = [
  `CREATE TABLE understudy_head (
     id integer PRIMARY KEY CHECK (id = 1),
     database_id text NOT NULL,
     sequence integer NOT NULL,
     hash text NOT NULL,
     revision integer NOT NULL
   )`,
  `CREATE TABLE understudy_deployments (
     name text PRIMARY KEY NOT NULL,
     generation integer NOT NULL,
     current_version text,
     next_version text,
     previous_version text,
     canary_probability double precision NOT NULL,
     settings text NOT NULL,
     changed_at text NOT NULL,
     removed_at text
   )`,
  `CREATE TABLE understudy_audit (
     sequence integer PRIMARY KEY NOT NULL,
     id text NOT NULL UNIQUE,
     at text NOT NULL,
     actor text NOT NULL,
     token_id text,
     address text,
     action text NOT NULL,
     subject text NOT NULL,
     reason text,
     before_state text,
     after_state text,
     outcome text NOT NULL,
     problem text,
     request_id text NOT NULL,
     hash text NOT NULL
   )`,
  `CREATE INDEX understudy_audit_subject ON understudy_audit (subject, sequence)`,
  `CREATE INDEX understudy_audit_at ON understudy_audit (at)`,
  `CREATE TABLE understudy_idempotency (
     owner text NOT NULL,
     key text NOT NULL,
     fingerprint text NOT NULL,
     answer text NOT NULL,
     created_at text NOT NULL,
     PRIMARY KEY (owner, key)
   )`,
  `CREATE TABLE understudy_replicas (
     id text PRIMARY KEY NOT NULL,
     host text NOT NULL,
     pid integer NOT NULL,
     release text NOT NULL,
     started_at text NOT NULL,
     heartbeat_at text NOT NULL,
     deployments text NOT NULL
   )`,
  `CREATE TABLE understudy_tokens (
     id text PRIMARY KEY NOT NULL,
     name text NOT NULL,
     hash text NOT NULL,
     scopes text NOT NULL,
     created_at text NOT NULL,
     created_by text NOT NULL,
     expires_at text,
     revoked_at text,
     last_used_at text
   )`,
  `CREATE TABLE understudy_arm_statistics (
     minute integer NOT NULL,
     replica_id text NOT NULL,
     deployment text NOT NULL,
     slot text NOT NULL,
     version text NOT NULL,
     requests integer NOT NULL,
     errors integer NOT NULL,
     latency text NOT NULL,
     predictions text NOT NULL,
     PRIMARY KEY (minute, replica_id, deployment, slot, version)
   )`,
];

const REFUSAL = 'the audit trail is append-only';

/** A guard against mistakes; against somebody who may alter tables there is the chain of hashes. */
const APPEND_ONLY = {
  'better-sqlite3': ['UPDATE', 'DELETE'].map(
    (verb) => `CREATE TRIGGER understudy_audit_no_${verb.toLowerCase()} BEFORE ${verb} ON understudy_audit
       BEGIN SELECT RAISE(ABORT, '${REFUSAL}'); END`,
  ),
  postgres: [
    `CREATE FUNCTION understudy_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION '${REFUSAL}'; END $$`,
    `CREATE TRIGGER understudy_audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON understudy_audit
       FOR EACH STATEMENT EXECUTE FUNCTION understudy_audit_refuse()`,
  ],
};

export class FirstSchema implements MigrationInterface {
  /** TypeORM sorts by the time at the end. */
  readonly name = 'FirstSchema1763942400000';

  async up(runner: QueryRunner): Promise<void> {
    const guards = APPEND_ONLY[runner.dataSource.options.type === 'postgres' ? 'postgres' : 'better-sqlite3'];
    for (const statement of [...TABLES, ...guards]) await runner.query(statement);
  }

  /** There is nothing before the first schema; a backup is the way back. */
  async down(): Promise<void> {
    throw new Error('The first schema cannot be undone');
  }
}
