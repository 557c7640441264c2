/* A command: runs the rounds that its arguments name (one round of number 1 without any) and prints every row. */
#include "work.h"
#include <stdio.h>
#include <stdlib.h>

static void print(void *context, int columns, char **values) {
    (void)context;
    for (int i = 0; i < columns; i++) printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
    putchar('\n');
}

int main(int argc, char **argv) {
    sqlite3 *db = 0;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) {
        fprintf(stderr, "cannot open: %s\n", sqlite3_errmsg(db));
        return 1;
    }
    printf("SQLite %s\n", sqlite3_libversion());
    for (int i = 1; i < argc || i == 1; i++) {
        int code = work(db, argc > 1 ? atoi(argv[i]) : 1, print, 0);
        if (code != SQLITE_OK) {
            fprintf(stderr, "error %d: %s\n", code, sqlite3_errmsg(db));
            return 1;
        }
    }
    sqlite3_close(db);
    return 0;
}
