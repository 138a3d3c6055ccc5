//! The peer: SQLite's full-text index, set up as its manual advises for this use.
//!
//! External content, so that the text is stored once; lists for beginnings of two and three letters; the page cache as
//! large as ours, the file mapped.

use std::path::Path;

use rusqlite::{Connection, params};

use super::corpus::Line;

pub(crate) struct Peer {
    connection: Connection,
}

/// What a query of the peer is restricted to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) conversation: Option<u64>,
    pub(crate) agent: Option<u64>,
    pub(crate) between: Option<(i64, i64)>,
}

impl Peer {
    pub(crate) fn open(path: &Path) -> Self {
        let connection = Connection::open(path).expect("a database");
        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192;
             PRAGMA mmap_size = 8589934592;";
        connection.execute_batch(settings).expect("settings");
        Self { connection }
    }

    pub(crate) fn create(&self) {
        let tables = "CREATE TABLE messages (id INTEGER PRIMARY KEY, conversation INTEGER, author INTEGER, text TEXT);
             CREATE VIRTUAL TABLE words USING fts5(text, content='messages', content_rowid='id',
                tokenize='unicode61 remove_diacritics 2', prefix='2 3');";
        self.connection.execute_batch(tables).expect("tables");
    }

    pub(crate) fn add(&mut self, lines: &[(i64, Line)]) {
        let transaction = self.connection.transaction().expect("a transaction");
        {
            let mut row = transaction.prepare_cached("INSERT INTO messages VALUES (?, ?, ?, ?)").expect("sql");
            let mut words = transaction.prepare_cached("INSERT INTO words (rowid, text) VALUES (?, ?)").expect("sql");
            for (id, line) in lines {
                row.execute(params![id, line.conversation as i64, line.agent as i64, line.text]).expect("a row");
                words.execute(params![id, line.text]).expect("a row");
            }
        }
        transaction.commit().expect("a commit");
    }

    pub(crate) fn finish(&mut self) {
        let finish = "INSERT INTO words(words) VALUES ('optimize'); PRAGMA wal_checkpoint(TRUNCATE);";
        self.connection.execute_batch(finish).expect("optimized");
    }

    /// The newest twenty with snippets: ids.
    pub(crate) fn newest(&self, words: &str, limits: Limits) -> Vec<i64> {
        let mut sql = "SELECT m.id, m.conversation, m.author, snippet(words, 0, '<b>', '</b>', '…', 32) FROM words \
            JOIN messages m ON m.id = words.rowid WHERE words MATCH ?1"
            .to_owned();
        restrict(&mut sql, limits);
        sql.push_str(" ORDER BY words.rowid DESC LIMIT 20");
        self.ids(&sql, words)
    }

    /// The best twenty with snippets: ids.
    pub(crate) fn best(&self, words: &str) -> Vec<i64> {
        let sql = "SELECT m.id, m.conversation, m.author, snippet(words, 0, '<b>', '</b>', '…', 32) FROM words \
            JOIN messages m ON m.id = words.rowid WHERE words MATCH ?1 ORDER BY rank LIMIT 20";
        self.ids(sql, words)
    }

    /// How many there are, up to 10,001.
    pub(crate) fn count(&self, words: &str, limits: Limits) -> i64 {
        // The table of messages only where its columns are asked for.
        let joined = limits.conversation.is_some() || limits.agent.is_some();
        let join = if joined { "JOIN messages m ON m.id = words.rowid" } else { "" };
        let mut sql = format!("SELECT count(*) FROM (SELECT 1 FROM words {join} WHERE words MATCH ?1");
        restrict(&mut sql, limits);
        sql.push_str(" LIMIT 10001)");
        let mut statement = self.connection.prepare_cached(&sql).expect("sql");
        statement.query_row([words], |row| row.get(0)).expect("a count")
    }

    fn ids(&self, sql: &str, words: &str) -> Vec<i64> {
        let mut statement = self.connection.prepare_cached(sql).expect("sql");
        let rows = statement.query_map([words], |row| {
            let _: String = row.get(3)?;
            row.get(0)
        });
        rows.expect("an answer").map(|id| id.expect("a row")).collect()
    }
}

fn restrict(sql: &mut String, limits: Limits) {
    if let Some(conversation) = limits.conversation {
        sql.push_str(&format!(" AND m.conversation = {conversation}"));
    }
    if let Some(agent) = limits.agent {
        sql.push_str(&format!(" AND m.author = {agent}"));
    }
    if let Some((from, until)) = limits.between {
        sql.push_str(&format!(" AND words.rowid >= {from} AND words.rowid < {until}"));
    }
}
