/* Files: how they are opened, positions, positioned reads and writes, append, sizes. */
#include "guest.h"

static void stat_of(const char *what, int fd) {
    __wasi_filestat_t s;
    say(what, __wasi_fd_filestat_get(fd, &s));
    say("  type", s.filetype);
    say("  size", (int64_t)s.size);
    say("  links", (int64_t)s.nlink);
}

int main(void) {
    __wasi_filesize_t at;
    __wasi_size_t n;

    say("no such file", open_in(DIR, "none", 0, READ, 0));
    say("to write", open_in(DIR, "none", 0, WRITE, 0));
    int fd = open_in(DIR, "a", CREATE | EXCL, READ | WRITE, 0);
    say("create", fd);
    say("create again", open_in(DIR, "a", CREATE | EXCL, READ | WRITE, 0));
    say("write", write_text(fd, "hello, world"));
    say("tell", __wasi_fd_tell(fd, &at));
    say("  at", (int64_t)at);
    say("seek set", __wasi_fd_seek(fd, 7, __WASI_WHENCE_SET, &at));
    say("read", read_text(fd, 100));
    say_text("  text", text, 5);
    say("read at the end", read_text(fd, 100));
    say("seek cur", __wasi_fd_seek(fd, -3, __WASI_WHENCE_CUR, &at));
    say("  at", (int64_t)at);
    say("seek end", __wasi_fd_seek(fd, 4, __WASI_WHENCE_END, &at));
    say("  at", (int64_t)at);
    say("seek before", __wasi_fd_seek(fd, -1, __WASI_WHENCE_SET, &at));
    say("write behind", write_text(fd, "!"));
    stat_of("stat", fd);

    __wasi_iovec_t in[3] = {{(uint8_t *)text, 3}, {(uint8_t *)text + 10, 0}, {(uint8_t *)text + 20, 4}};
    memset(text, '-', 64);
    say("pread", __wasi_fd_pread(fd, in, 1, 2, &n));
    say_text("  text", text, 8);
    say("pread past", __wasi_fd_pread(fd, in, 1, 1000, &n));
    say("  bytes", n);
    __wasi_ciovec_t to = {(const uint8_t *)"HELLO", 5};
    say("pwrite", __wasi_fd_pwrite(fd, &to, 1, 0, &n));
    say("  bytes", n);
    say("tell", __wasi_fd_tell(fd, &at));
    say("  at", (int64_t)at);

    say("size 5", __wasi_fd_filestat_set_size(fd, 5));
    say("size 8", __wasi_fd_filestat_set_size(fd, 8));
    stat_of("stat", fd);
    say("seek", __wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
    say("read", read_text(fd, 100));
    say_text("  text", text, 8);
    say("advise", __wasi_fd_advise(fd, 0, 4, __WASI_ADVICE_SEQUENTIAL));
    say("allocate", __wasi_fd_allocate(fd, 0, 16));
    (void)__wasi_fd_filestat_set_size(fd, 8);
    say("datasync", __wasi_fd_datasync(fd));
    say("sync", __wasi_fd_sync(fd));
    say("close", __wasi_fd_close(fd));
    say("close again", __wasi_fd_close(fd));

    fd = open_in(DIR, "a", 0, WRITE, APPEND);
    say("append", fd);
    say("write", write_text(fd, "++"));
    say("seek", __wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
    say("write", write_text(fd, "+"));
    say("tell", __wasi_fd_tell(fd, &at));
    say("  at", (int64_t)at);
    say("read of one to write", read_text(fd, 1));
    say("close", __wasi_fd_close(fd));
    show("a");

    fd = open_in(DIR, "a", 0, READ, 0);
    say("to read", fd);
    say("write of one to read", write_text(fd, "no"));
    say("size of one to read", __wasi_fd_filestat_set_size(fd, 1));
    (void)__wasi_fd_close(fd);
    fd = open_in(DIR, "a", TRUNC, READ | WRITE, 0);
    say("truncate", fd);
    stat_of("stat", fd);
    say("nothing to write", write_text(fd, ""));
    say("sync flags", open_in(DIR, "a", 0, WRITE, __WASI_FDFLAGS_SYNC));
    say("as a directory", open_in(DIR, "a", DIRECTORY, READ, 0));
    say("in a file", open_in(fd, "b", 0, READ, 0));
    say("below a file", open_in(DIR, "a/b", 0, READ, 0));
    (void)__wasi_fd_close(fd);
    say("directory to write", open_in(DIR, ".", 0, WRITE, 0));
    fd = open_in(DIR, ".", 0, READ, 0);
    say("directory", fd);
    say("read of a directory", read_text(fd, 1));
    say("write of a directory", write_text(fd, "x"));
    say("seek of a directory", __wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
    say("tell of a directory", __wasi_fd_tell(fd, &at));
    say("sync of a directory", __wasi_fd_sync(fd));
    say("advise of a directory", __wasi_fd_advise(fd, 0, 0, 0));
    say("create directory and file", open_in(DIR, "d", CREATE | DIRECTORY, READ, 0));
    return 0;
}
