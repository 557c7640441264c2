/* Paths: strange ones, long ones, and those that would lead out. */
#include "guest.h"

static char path[70000];
static const char *const PATHS[] = {
    ".", "./", "d", "d/", "d//", "d/.", "d/..", "d/../f", "./d/./../f", "f", "f/", "f/.", "f/..", "..", "../", "../f",
    "d/../..", "d/../../f", "/", "/f", "/etc/passwd", "//", "", "none", "none/..", "none/../f", "d/in", "d/in/", "d//in",
    "up", "up/f", "out", "out/passwd", "f\xff", " ", "...", "\xc3\xa4",
};

static __wasi_errno_t stat_bytes(const char *p, uint32_t n, __wasi_filestat_t *s) {
    int32_t __imported_path_filestat_get(int32_t, int32_t, int32_t, int32_t, int32_t)
        __attribute__((import_module("wasi_snapshot_preview1"), import_name("path_filestat_get")));
    return (__wasi_errno_t)__imported_path_filestat_get(DIR, 1, (int32_t)p, (int32_t)n, (int32_t)s);
}

int main(void) {
    __wasi_filestat_t s;
    file("f", "x");
    (void)__wasi_path_create_directory(DIR, "d");
    file("d/in", "y");
    say("link up", __wasi_path_symlink("..", DIR, "up"));
    say("link out", __wasi_path_symlink("../../../../../../etc", DIR, "out"));
    for (uint32_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        put("path '");
        put(PATHS[i]);
        put("'\n");
        say("  stat", __wasi_path_filestat_get(DIR, 1, PATHS[i], &s));
        say("  lstat", __wasi_path_filestat_get(DIR, 0, PATHS[i], &s));
        int fd = open_in(DIR, PATHS[i], 0, READ, 0);
        say("  open", fd < 0 ? fd : 0);
        if (fd >= 0) (void)__wasi_fd_close(fd);
        fd = open_in(DIR, PATHS[i], DIRECTORY, READ, 0);
        say("  open directory", fd < 0 ? fd : 0);
        if (fd >= 0) (void)__wasi_fd_close(fd);
    }
    int d = open_in(DIR, "d", DIRECTORY, READ, 0);
    say("from a directory", d);
    say("in", __wasi_path_filestat_get(d, 1, "in", &s));
    say("..", __wasi_path_filestat_get(d, 1, "..", &s));
    say("../f", __wasi_path_filestat_get(d, 1, "../f", &s));
    say("create ../g", open_in(d, "../g", CREATE, WRITE, 0));
    say("rename out", __wasi_path_rename(DIR, "f", d, "../g"));
    say("link out", __wasi_path_link(DIR, 0, "f", d, "../g"));
    say("symlink out", __wasi_path_symlink("in", d, "../g"));
    say("mkdir out", __wasi_path_create_directory(d, "../g"));
    say("rmdir out", __wasi_path_remove_directory(d, "../d"));
    say("unlink out", __wasi_path_unlink_file(d, "../f"));
    say("rename in place of .", __wasi_path_rename(DIR, "f", DIR, "."));
    say("rename ..", __wasi_path_rename(DIR, "..", DIR, "g"));
    say("remove .", __wasi_path_remove_directory(DIR, "."));
    say("remove ..", __wasi_path_remove_directory(DIR, ".."));
    say("unlink .", __wasi_path_unlink_file(DIR, "."));

    say("with a zero byte", stat_bytes("f\0g", 3, &s));
    say("no UTF-8", stat_bytes("f\xff", 2, &s));
    for (uint32_t n = 250; n <= 260; n += 5) {
        memset(path, 'n', n);
        put("name of ");
        put_number(n);
        put(" bytes");
        say("", stat_bytes(path, n, &s));
    }
    for (uint32_t n = 0; n < sizeof path; n += 2) {
        path[n] = '.';
        path[n + 1] = '/';
    }
    say("path of 4,000 bytes", stat_bytes(path, 4000, &s));
    say("path of 70,000 bytes", stat_bytes(path, 70000, &s));
    return 0;
}
