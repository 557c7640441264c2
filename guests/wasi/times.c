/* Timestamps: set, kept, made the present, by descriptor and by path. */
#include "guest.h"

static void times(const char *path, uint32_t flags) {
    __wasi_filestat_t s;
    __wasi_errno_t e = __wasi_path_filestat_get(DIR, flags, path, &s);
    if (e) {
        say(path, e);
        return;
    }
    say("  atim", (int64_t)s.atim);
    say("  mtim", (int64_t)s.mtim);
}

int main(void) {
    const uint64_t second = 1000000000u;
    file("f", "x");
    (void)__wasi_path_create_directory(DIR, "d");
    (void)__wasi_path_symlink("f", DIR, "l");
    int fd = open_in(DIR, "f", 0, READ | WRITE, 0);
    say("both", __wasi_fd_filestat_set_times(fd, 5 * second, 7 * second + 3, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
    times("f", 0);
    say("access", __wasi_fd_filestat_set_times(fd, 9 * second, 1, __WASI_FSTFLAGS_ATIM));
    times("f", 0);
    say("neither", __wasi_fd_filestat_set_times(fd, 1, 1, 0));
    times("f", 0);
    say("both ways", __wasi_fd_filestat_set_times(fd, 1, 1, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_ATIM_NOW));
    say("now", __wasi_fd_filestat_set_times(fd, 0, 0, __WASI_FSTFLAGS_MTIM_NOW));
    __wasi_filestat_t s;
    (void)__wasi_fd_filestat_get(fd, &s);
    say("  is late", s.mtim > 1000 * second);
    say("  atim", (int64_t)s.atim);
    say("by path", __wasi_path_filestat_set_times(DIR, 0, "d", 11 * second, 13 * second, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
    times("d", 0);
    say("through a link", __wasi_path_filestat_set_times(DIR, 1, "l", 17 * second, 19 * second, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
    times("f", 0);
    say("of a link", __wasi_path_filestat_set_times(DIR, 0, "l", 23 * second, 29 * second, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
    times("l", 0);
    times("f", 0);
    say("of nothing", __wasi_path_filestat_set_times(DIR, 0, "none", 1, 1, __WASI_FSTFLAGS_MTIM));
    say("both ways by path", __wasi_path_filestat_set_times(DIR, 0, "f", 1, 1, __WASI_FSTFLAGS_MTIM | __WASI_FSTFLAGS_MTIM_NOW));
    say("of the folder", __wasi_fd_filestat_set_times(DIR, 31 * second, 37 * second, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
    return 0;
}
