/* A WASI command that keeps records in files by stdio: written, sought, read back, replaced, listed. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct record {
    int id;
    char name[20];
    double weight;
};

static void check(const char *what, int good) {
    printf("%s: %s\n", what, good ? "ok" : strerror(errno));
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path) {
    char *names[32];
    int n = 0;
    DIR *dir = opendir(path);
    if (!dir) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    for (struct dirent *e; (e = readdir(dir)) && n < 32;)
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) names[n++] = strdup(e->d_name);
    closedir(dir);
    qsort(names, (size_t)n, sizeof *names, by_name);
    for (int i = 0; i < n; i++) {
        printf("  %s\n", names[i]);
        free(names[i]);
    }
}

int main(int argc, char **argv) {
    check("chdir", chdir(argc > 1 ? argv[1] : ".") == 0);
    FILE *f = fopen("records", "w+b");
    check("fopen", f != NULL);
    if (!f) return 1;
    for (int i = 0; i < 100; i++) {
        struct record r = {i, "", i * 1.25};
        snprintf(r.name, sizeof r.name, "record %d", i);
        fwrite(&r, sizeof r, 1, f);
    }
    printf("ftell: %ld\n", ftell(f));
    for (int i = 90; i >= 0; i -= 30) {
        struct record r;
        check("fseek", fseek(f, (long)(i * (int)sizeof r), SEEK_SET) == 0);
        if (fread(&r, sizeof r, 1, f) == 1) printf("  %d %s %g\n", r.id, r.name, r.weight);
    }
    struct record changed = {42, "changed", 0.5};
    fseek(f, 42L * (long)sizeof changed, SEEK_SET);
    fwrite(&changed, sizeof changed, 1, f);
    check("fflush", fflush(f) == 0);
    fseek(f, 0, SEEK_END);
    printf("at the end: %d", fgetc(f) == EOF);
    printf(", feof: %d\n", feof(f) != 0);
    rewind(f);
    int first = fgetc(f);
    ungetc('U', f);
    printf("ungetc: %d %c\n", first, fgetc(f));
    check("fclose", fclose(f) == 0);

    f = fopen("text", "w");
    fprintf(f, "%5d|%-8s|%08.3f|%x\nlast line", 7, "left", 3.14159, 255);
    fclose(f);
    f = fopen("text", "a");
    fputs(", and more\n", f);
    fclose(f);
    f = fopen("text", "r");
    char line[80];
    while (fgets(line, sizeof line, f)) printf("  %s", line);
    int number;
    char word[20];
    rewind(f);
    printf("fscanf: %d", fscanf(f, "%d|%19[a-z]", &number, word));
    printf(" %d %s\n", number, word);
    printf("write to it: %d\n", fputc('x', f));
    fclose(f);

    struct stat s;
    check("stat", stat("records", &s) == 0);
    printf("  size %lld, regular %d\n", (long long)s.st_size, S_ISREG(s.st_mode));
    check("mkdir", mkdir("sub", 0777) == 0);
    check("rename", rename("text", "sub/text") == 0);
    check("link", link("records", "sub/same") == 0);
    check("symlink", symlink("sub/text", "shortcut") == 0);
    check("truncate", truncate("records", 30) == 0);
    check("stat", stat("sub/same", &s) == 0);
    printf("  size %lld, links %d\n", (long long)s.st_size, (int)s.st_nlink);
    list(".");
    list("sub");
    list("nothing");
    check("access", access("shortcut", R_OK) == 0);
    check("remove a full folder", rmdir("sub") == 0);
    check("remove", remove("sub/text") == 0);
    check("remove", remove("sub/same") == 0);
    check("remove", remove("sub") == 0);
    check("open what is gone", fopen("shortcut", "r") != NULL);
    check("unlink", unlink("shortcut") == 0);
    check("open outside", fopen("/etc/passwd", "r") != NULL);
    check("open above", fopen("../../../etc/passwd", "r") != NULL);
    list(".");
    return 0;
}
