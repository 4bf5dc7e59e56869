import GRDB

/// The tables of the ledger. A change is a further migration of both databases; none is ever edited.
enum LedgerSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 versions, legs, reports") { database in
      // An episode as it was when reports of that version came: its graph, without its media.
      try database.execute(
        sql: """
          CREATE TABLE version (
            id INTEGER PRIMARY KEY,
            episode TEXT NOT NULL,
            version TEXT NOT NULL,
            document BLOB NOT NULL,
            UNIQUE (episode, version)
          );
          CREATE TABLE leg (
            id INTEGER PRIMARY KEY,
            version INTEGER NOT NULL REFERENCES version (id),
            scene INTEGER NOT NULL,
            choice INTEGER NOT NULL,
            option INTEGER NOT NULL,
            lead TEXT NOT NULL,
            route TEXT NOT NULL,
            ends INTEGER NOT NULL,
            UNIQUE (version, scene, choice, option, lead, route, ends)
          );
          CREATE TABLE report (
            id INTEGER PRIMARY KEY,
            version INTEGER NOT NULL,
            run BLOB NOT NULL,
            path TEXT NOT NULL,
            leg INTEGER NOT NULL REFERENCES leg (id),
            isDefault INTEGER NOT NULL,
            tenths INTEGER NOT NULL,
            received INTEGER NOT NULL,
            UNIQUE (version, run, path)
          );
          CREATE INDEX tally ON report (leg, isDefault, tenths);
          CREATE INDEX age ON report (received);
          """)
    }
    migrator.registerMigration("2 screenings, votes, verdicts") { database in
      try database.execute(sql: screenings)
    }
    return migrator
  }

  /// Screenings whose viewers decide together; in both databases the same.
  private static let screenings = """
    CREATE TABLE IF NOT EXISTS screening (
      id TEXT PRIMARY KEY,
      episode TEXT NOT NULL,
      version TEXT NOT NULL,
      start BIGINT NOT NULL,
      ended BIGINT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS vote (
      screening TEXT NOT NULL,
      ordinal INTEGER NOT NULL,
      viewer TEXT NOT NULL,
      option INTEGER NOT NULL,
      PRIMARY KEY (screening, ordinal, viewer)
    );
    CREATE TABLE IF NOT EXISTS verdict (
      screening TEXT NOT NULL,
      ordinal INTEGER NOT NULL,
      option INTEGER NOT NULL,
      isVoted INTEGER NOT NULL,
      tally TEXT NOT NULL,
      PRIMARY KEY (screening, ordinal)
    );
    """

  /// The same tables in a schema of their own. Origins that start together make them one after the
  /// other.
  static let postgreSQL = """
    SET statement_timeout = '10s';
    SET idle_in_transaction_session_timeout = '30s';
    SET synchronous_commit = on;
    BEGIN;
    SELECT pg_advisory_xact_lock(1685025639);
    CREATE SCHEMA IF NOT EXISTS dougong;
    SET search_path = dougong;
    CREATE TABLE IF NOT EXISTS version (
      id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      episode TEXT NOT NULL,
      version TEXT NOT NULL,
      document BYTEA NOT NULL,
      UNIQUE (episode, version)
    );
    CREATE TABLE IF NOT EXISTS leg (
      id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      version BIGINT NOT NULL REFERENCES version (id),
      scene INTEGER NOT NULL,
      choice INTEGER NOT NULL,
      option INTEGER NOT NULL,
      lead TEXT NOT NULL,
      route TEXT NOT NULL,
      ends INTEGER NOT NULL,
      -- Two ways may be longer than an index takes.
      digest TEXT NOT NULL GENERATED ALWAYS AS (md5(lead || '/' || route)) STORED,
      UNIQUE (version, scene, choice, option, digest, ends)
    );
    CREATE TABLE IF NOT EXISTS report (
      id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      version BIGINT NOT NULL,
      run BYTEA NOT NULL,
      path TEXT NOT NULL,
      leg BIGINT NOT NULL REFERENCES leg (id),
      isDefault INTEGER NOT NULL,
      tenths INTEGER NOT NULL,
      received BIGINT NOT NULL,
      UNIQUE (version, run, path)
    );
    CREATE INDEX IF NOT EXISTS tally ON report (leg, isDefault, tenths);
    CREATE INDEX IF NOT EXISTS age ON report (received);
    \(screenings)
    COMMIT;
    """
}
