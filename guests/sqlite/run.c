/* For the benchmark: `run(n)` does n rounds in a fresh database and returns a checksum of all that they print. */
#include "work.h"

#ifdef __wasm__
#define EXPORT __attribute__((export_name("run")))
#else
#define EXPORT
#endif

static void add(void *context, int columns, char **values) {
    unsigned long long *h = context;
    for (int i = 0; i < columns; i++)
        for (const char *p = values[i] ? values[i] : "NULL"; *p; p++) *h = (*h ^ (unsigned char)*p) * 0x100000001b3ull;
}

EXPORT long long run(int n) {
    unsigned long long h = 0xcbf29ce484222325ull;
    sqlite3 *db = 0;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return -1;
    for (int i = 0; i < n; i++)
        if (work(db, i, add, &h) != SQLITE_OK) return -2;
    sqlite3_close(db);
    return (long long)h;
}
