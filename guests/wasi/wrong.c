/* What has no meaning: numbers that stand for nothing, and pointers outside of memory, from each function. */
#include "guest.h"

/* wasi-libc's declarations take no such pointers. */
#define IMPORT(name, ...) \
    int32_t raw_##name(__VA_ARGS__) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)));
#define i int32_t
#define l int64_t
IMPORT(args_get, i, i)
IMPORT(args_sizes_get, i, i)
IMPORT(environ_get, i, i)
IMPORT(environ_sizes_get, i, i)
IMPORT(clock_res_get, i, i)
IMPORT(clock_time_get, i, l, i)
IMPORT(fd_advise, i, l, l, i)
IMPORT(fd_fdstat_get, i, i)
IMPORT(fd_fdstat_set_flags, i, i)
IMPORT(fd_filestat_get, i, i)
IMPORT(fd_filestat_set_times, i, l, l, i)
IMPORT(fd_pread, i, i, i, l, i)
IMPORT(fd_prestat_get, i, i)
IMPORT(fd_prestat_dir_name, i, i, i)
IMPORT(fd_pwrite, i, i, i, l, i)
IMPORT(fd_read, i, i, i, i)
IMPORT(fd_readdir, i, i, i, l, i)
IMPORT(fd_seek, i, l, i, i)
IMPORT(fd_tell, i, i)
IMPORT(fd_write, i, i, i, i)
IMPORT(path_create_directory, i, i, i)
IMPORT(path_filestat_get, i, i, i, i, i)
IMPORT(path_filestat_set_times, i, i, i, i, l, l, i)
IMPORT(path_link, i, i, i, i, i, i, i)
IMPORT(path_open, i, i, i, i, i, l, l, i, i)
IMPORT(path_readlink, i, i, i, i, i, i)
IMPORT(path_remove_directory, i, i, i)
IMPORT(path_rename, i, i, i, i, i, i)
IMPORT(path_symlink, i, i, i, i, i)
IMPORT(path_unlink_file, i, i, i)
IMPORT(poll_oneoff, i, i, i, i)
IMPORT(random_get, i, i)

/* The last bytes that there are in the largest memory, so that whatever is longer lies outside. */
#define OUT (-4)

int main(void) {
    file("f", "content");
    i fd = open_in(DIR, "f", 0, READ | WRITE, 0);
    i f = (i) "f", at = (i)text, iov[2] = {at, 4};
    static i away[2] = {OUT, 100};
    say("seek", raw_fd_seek(fd, 0, 9, at));
    say("clock", raw_clock_time_get(9, 0, at));
    say("clock", raw_clock_res_get(-1, at));
    say("advice", raw_fd_advise(fd, 0, 0, 77));
    say("flags", raw_fd_fdstat_set_flags(fd, 1 << 14));
    say("times", raw_fd_filestat_set_times(fd, 0, 0, 1 << 14));
    say("follow", raw_path_filestat_get(DIR, 8, f, 1, at));
    say("open flags", raw_path_open(DIR, 0, f, 1, 1 << 14, 2, 0, 0, at));
    say("descriptor flags", raw_path_open(DIR, 0, f, 1, 0, 2, 0, 1 << 14, at));
    say("arguments", raw_args_get(OUT, at));
    say("arguments", raw_args_get(at, OUT));
    say("sizes", raw_args_sizes_get(OUT, OUT + 2));
    say("variables", raw_environ_get(OUT, OUT));
    say("sizes", raw_environ_sizes_get(at, OUT + 2));
    say("resolution", raw_clock_res_get(0, OUT));
    say("time", raw_clock_time_get(0, 0, OUT));
    say("fdstat", raw_fd_fdstat_get(fd, OUT));
    say("filestat", raw_fd_filestat_get(fd, OUT));
    say("pread", raw_fd_pread(fd, (i)iov, 1, 0, OUT + 2));
    say("pread", raw_fd_pread(fd, OUT, 1, 0, at));
    say("pread", raw_fd_pread(fd, (i)away, 1, 0, at));
    say("prestat", raw_fd_prestat_get(DIR, OUT));
    say("name", raw_fd_prestat_dir_name(DIR, OUT, 64));
    say("pwrite", raw_fd_pwrite(fd, (i)away, 1, 0, at));
    say("read", raw_fd_read(fd, (i)iov, 1, OUT + 2));
    say("read", raw_fd_read(fd, (i)iov, -1, at));
    say("readdir", raw_fd_readdir(DIR, OUT, 100, 0, at));
    say("readdir", raw_fd_readdir(DIR, at, 100, 0, OUT + 2));
    say("seek", raw_fd_seek(fd, 3, 0, OUT));
    say("tell", raw_fd_tell(fd, OUT));
    say("write", raw_fd_write(fd, (i)away, 1, at));
    say("write", raw_fd_write(fd, (i)iov, 1, OUT + 2));
    say("create", raw_path_create_directory(DIR, OUT, 8));
    say("create", raw_path_create_directory(DIR, f, -1));
    say("stat", raw_path_filestat_get(DIR, 0, f, 1, OUT));
    say("stat", raw_path_filestat_get(DIR, 0, OUT, 8, at));
    say("times", raw_path_filestat_set_times(DIR, 0, OUT, 8, 0, 0, 0));
    say("link", raw_path_link(DIR, 0, f, 1, DIR, OUT, 8));
    say("open", raw_path_open(DIR, 0, f, 1, 1, 2, 0, 0, OUT + 2));
    say("open", raw_path_open(DIR, 0, OUT, 8, 1, 2, 0, 0, at));
    say("readlink", raw_path_readlink(DIR, f, 1, OUT, 8, at));
    say("readlink", raw_path_readlink(DIR, f, 1, at, 8, OUT + 2));
    say("remove", raw_path_remove_directory(DIR, OUT, 8));
    say("rename", raw_path_rename(DIR, f, 1, DIR, OUT, 8));
    say("symlink", raw_path_symlink(OUT, 8, DIR, f, 1));
    say("unlink", raw_path_unlink_file(DIR, OUT, 8));
    say("poll", raw_poll_oneoff(OUT, at, 1, at));
    say("poll", raw_poll_oneoff(at, at, -1, at));
    say("random", raw_random_get(OUT, 8));
    say("random", raw_random_get(0, 1 << 31));
    show("f");
    return 0;
}
