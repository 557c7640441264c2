/* A folder to read only: every call that could write. It holds `f`, `d` and `l`, a link to `f`. */
#include "guest.h"

int main(void) {
    __wasi_filestat_t s;
    __wasi_size_t n;
    show("f");
    say("stat", __wasi_path_filestat_get(DIR, 1, "l", &s));
    say("readlink", __wasi_path_readlink(DIR, "l", (uint8_t *)text, 10, &n));
    say("open to write", open_in(DIR, "f", 0, WRITE, 0));
    say("open to read and write", open_in(DIR, "f", 0, READ | WRITE, 0));
    say("open to append", open_in(DIR, "f", 0, WRITE, APPEND));
    say("create", open_in(DIR, "new", CREATE, READ, 0));
    say("create what there is", open_in(DIR, "f", CREATE, READ, 0));
    say("create exclusively", open_in(DIR, "new", CREATE | EXCL, WRITE, 0));
    say("truncate", open_in(DIR, "f", TRUNC, READ, 0));
    int fd = open_in(DIR, "f", 0, READ, 0);
    say("open", fd);
    say("write", write_text(fd, "x"));
    __wasi_ciovec_t to = {(const uint8_t *)"x", 1};
    say("pwrite", __wasi_fd_pwrite(fd, &to, 1, 0, &n));
    say("size", __wasi_fd_filestat_set_size(fd, 0));
    say("allocate", __wasi_fd_allocate(fd, 0, 100));
    say("times", __wasi_fd_filestat_set_times(fd, 1, 1, __WASI_FSTFLAGS_MTIM));
    say("times by path", __wasi_path_filestat_set_times(DIR, 0, "f", 1, 1, __WASI_FSTFLAGS_MTIM));
    say("times of the folder", __wasi_fd_filestat_set_times(DIR, 1, 1, __WASI_FSTFLAGS_MTIM));
    say("create directory", __wasi_path_create_directory(DIR, "new"));
    say("remove directory", __wasi_path_remove_directory(DIR, "d"));
    say("unlink", __wasi_path_unlink_file(DIR, "f"));
    say("rename", __wasi_path_rename(DIR, "f", DIR, "g"));
    say("link", __wasi_path_link(DIR, 0, "f", DIR, "g"));
    say("symlink", __wasi_path_symlink("f", DIR, "g"));
    int d = open_in(DIR, "d", DIRECTORY, READ, 0);
    say("directory", d);
    say("create in it", open_in(d, "new", CREATE, WRITE, 0));
    say("create directory in it", __wasi_path_create_directory(d, "new"));
    show("f");
    return 0;
}
