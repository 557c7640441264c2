#include "work.h"

static const char *const schema[] = {
    "CREATE TABLE IF NOT EXISTS person(id INTEGER PRIMARY KEY, name TEXT, city INTEGER, born REAL)",
    "CREATE TABLE IF NOT EXISTS city(id INTEGER PRIMARY KEY, name TEXT UNIQUE)",
    "CREATE INDEX IF NOT EXISTS person_city ON person(city, born)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS note USING fts5(body)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS box USING rtree(id, x0, x1, y0, y1)",
};

static const char *const statements[] = {
    "INSERT OR IGNORE INTO city WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
    " SELECT i, 'city-' || char(64 + i) FROM n",
    "INSERT INTO person(name, city, born) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
    " SELECT printf('%s-%04d', substr('annabertclaradoraemil', 1 + 5 * (i % 4), 5), (i * 7919 + ?1) % 10000),"
    " 1 + (i * 31 + ?1) % 20, 1900 + ((i * 104729 + ?1) % 1000) / 10.0 FROM n",
    "INSERT INTO note(body) SELECT name || ' lives in the city of ' || city || ' since ' || born FROM person"
    " WHERE id % 5 = ?1 % 5",
    "INSERT INTO box SELECT NULL, born, born + 2, city, city + 1 FROM person WHERE id % 3 = 0",
    "SELECT city.name, count(*), round(avg(born), 3), min(person.name), group_concat(DISTINCT substr(person.name, 1, 2))"
    " FROM person JOIN city ON city.id = person.city GROUP BY city.id ORDER BY 2 DESC, 1 LIMIT 5",
    "SELECT name, born, rank() OVER (PARTITION BY city ORDER BY born DESC, id) AS r FROM person WHERE city = 1 + ?1 % 20"
    " ORDER BY r LIMIT 4",
    "SELECT count(*), sum(length(body)) FROM note WHERE note MATCH 'anna* OR city NEAR since'",
    "SELECT count(*), round(sum(x1 - x0), 2) FROM box WHERE x0 < 1950 + ?1 % 30 AND y1 > 10",
    "SELECT json_extract(j, '$.list[1].k'), json_array_length(j, '$.list') FROM (SELECT json_object('list',"
    " json_group_array(json_object('k', id, 'v', name))) AS j FROM (SELECT id, name FROM person ORDER BY born LIMIT 40))",
    "UPDATE person SET born = born + 0.25, name = upper(name) WHERE city IN (SELECT id FROM city WHERE id % 4 = ?1 % 4)",
    "SELECT a.name, b.name FROM person a JOIN person b ON a.city = b.city AND a.born = b.born AND a.id < b.id"
    " WHERE a.name LIKE '%7%' ORDER BY a.id, b.id LIMIT 3",
    "DELETE FROM person WHERE id % 3 = ?1 % 3",
    "DELETE FROM note WHERE rowid % 2 = 0",
    "SELECT count(*), round(total(born * sin(id)), 6), strftime('%Y-%m-%d', 2460000.5 + max(id)) FROM person",
};

static int run_one(sqlite3 *db, const char *sql, int n, Row row, void *context) {
    sqlite3_stmt *statement = 0;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, 0);
    if (code != SQLITE_OK) return code;
    if (sqlite3_bind_parameter_count(statement) > 0) sqlite3_bind_int(statement, 1, n);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        char *values[8];
        int columns = sqlite3_column_count(statement);
        for (int i = 0; i < columns && i < 8; i++) values[i] = (char *)sqlite3_column_text(statement, i);
        row(context, columns, values);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int work(sqlite3 *db, int n, Row row, void *context) {
    for (unsigned i = 0; i < sizeof schema / sizeof *schema; i++) {
        int code = run_one(db, schema[i], n, row, context);
        if (code != SQLITE_OK) return code;
    }
    for (unsigned i = 0; i < sizeof statements / sizeof *statements; i++) {
        int code = run_one(db, statements[i], n, row, context);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}
