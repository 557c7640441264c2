// A WASI command with a folder: counts the lines of the files in it and writes `summary.txt` beside them.
//
// tally FOLDER [FILE...]: opens each FILE too, wherever it is. Status 1 if the summary could not be written.

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_NAMES = 1000, MAX_PATH = 1000 };

static char *names[MAX_NAMES];

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// The lines of a file, or -1.
static long lines_of(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) {
        return -1;
    }
    long lines = 0;
    for (int c; (c = getc(file)) != EOF;) {
        lines += c == '\n';
    }
    fclose(file);
    return lines;
}

static int tally(const char *folder) {
    DIR *dir = opendir(folder);
    if (!dir) {
        printf("%s: %s\n", folder, strerror(errno));
        return 1;
    }
    int count = 0;
    for (struct dirent *entry; count < MAX_NAMES && (entry = readdir(dir));) {
        if (entry->d_name[0] != '.') {
            names[count++] = strdup(entry->d_name);
        }
    }
    closedir(dir);
    qsort(names, count, sizeof *names, by_name);

    char path[MAX_PATH], summary[MAX_PATH], partial[MAX_PATH];
    snprintf(summary, sizeof summary, "%s/summary.txt", folder);
    snprintf(partial, sizeof partial, "%s/.summary", folder);
    FILE *out = fopen(partial, "w");
    if (!out) {
        printf("%s: %s\n", partial, strerror(errno));
        return 1;
    }
    long total = 0;
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        struct stat found;
        if (stat(path, &found) || !S_ISREG(found.st_mode) || !strcmp(path, summary)) {
            continue;
        }
        long lines = lines_of(path);
        total += lines;
        fprintf(out, "%6ld %s\n", lines, names[i]);
    }
    fprintf(out, "%6ld in all\n", total);
    if (fclose(out) || rename(partial, summary)) {
        printf("%s: %s\n", summary, strerror(errno));
        return 1;
    }
    printf("%s: written\n", summary);
    return 0;
}

int main(int argc, char **argv) {
    int status = argc > 1 ? tally(argv[1]) : 2;
    for (int i = 2; i < argc; i++) {
        long lines = lines_of(argv[i]);
        if (lines < 0) {
            printf("%s: %s\n", argv[i], strerror(errno));
        } else {
            printf("%s: %ld lines\n", argv[i], lines);
        }
    }
    return status;
}
