import GRDB

/// The tables of `choices.sqlite`. A change is a further migration; none is ever edited.
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
    return migrator
  }
}
