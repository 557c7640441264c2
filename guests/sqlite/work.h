/* One round of SQL work: tables, indices, joins, aggregates, JSON, full text and R-tree, in a database in memory. */
#ifndef WORK_H
#define WORK_H
#include "sqlite3.h"

typedef void (*Row)(void *context, int columns, char **values);

/* Runs the statements of round `n`, hands each row of each query to `row`, and returns SQLite's error code. */
int work(sqlite3 *db, int n, Row row, void *context);

#endif
