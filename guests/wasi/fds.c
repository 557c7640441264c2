/* Descriptors: what they say of themselves, flags, rights, numbers; what a bad one gets from each function. */
#include "guest.h"

static void fdstat(const char *what, int fd) {
    __wasi_fdstat_t s;
    memset(&s, 0, sizeof s);
    say(what, __wasi_fd_fdstat_get(fd, &s));
    say("  type", s.fs_filetype);
    say("  flags", s.fs_flags);
    say("  rights", (int64_t)s.fs_rights_base);
    say("  inheriting", (int64_t)s.fs_rights_inheriting);
}

static void every(const char *what, int fd) {
    __wasi_filesize_t at;
    __wasi_filestat_t stat;
    __wasi_fdstat_t fdstat;
    __wasi_prestat_t pre;
    __wasi_size_t n;
    __wasi_fd_t new;
    __wasi_roflags_t ro;
    uint8_t buf[64];
    __wasi_iovec_t in = {buf, sizeof buf};
    __wasi_ciovec_t to = {buf, 0};
    put(what);
    put("\n");
    say("  advise", __wasi_fd_advise(fd, 0, 0, 0));
    say("  allocate", __wasi_fd_allocate(fd, 0, 1));
    say("  datasync", __wasi_fd_datasync(fd));
    say("  fdstat_get", __wasi_fd_fdstat_get(fd, &fdstat));
    say("  fdstat_set_flags", __wasi_fd_fdstat_set_flags(fd, 0));
    say("  fdstat_set_rights", __wasi_fd_fdstat_set_rights(fd, 0, 0));
    say("  filestat_get", __wasi_fd_filestat_get(fd, &stat));
    say("  filestat_set_size", __wasi_fd_filestat_set_size(fd, 0));
    say("  filestat_set_times", __wasi_fd_filestat_set_times(fd, 0, 0, 0));
    say("  pread", __wasi_fd_pread(fd, &in, 1, 0, &n));
    say("  prestat_get", __wasi_fd_prestat_get(fd, &pre));
    say("  prestat_dir_name", __wasi_fd_prestat_dir_name(fd, buf, sizeof buf));
    say("  pwrite", __wasi_fd_pwrite(fd, &to, 1, 0, &n));
    say("  readdir", __wasi_fd_readdir(fd, buf, sizeof buf, 0, &n));
    say("  seek", __wasi_fd_seek(fd, 0, __WASI_WHENCE_CUR, &at));
    say("  sync", __wasi_fd_sync(fd));
    say("  tell", __wasi_fd_tell(fd, &at));
    say("  write", __wasi_fd_write(fd, &to, 1, &n));
    say("  create_directory", __wasi_path_create_directory(fd, "new/new"));
    say("  filestat_get", __wasi_path_filestat_get(fd, 0, "none", &stat));
    say("  filestat_set_times", __wasi_path_filestat_set_times(fd, 0, "none", 0, 0, 0));
    say("  link", __wasi_path_link(fd, 0, "none", fd, "new"));
    say("  open", __wasi_path_open(fd, 0, "none", 0, READ, 0, 0, &new));
    say("  readlink", __wasi_path_readlink(fd, "none", buf, sizeof buf, &n));
    say("  remove_directory", __wasi_path_remove_directory(fd, "none"));
    say("  rename", __wasi_path_rename(fd, "none", fd, "new"));
    say("  symlink", __wasi_path_symlink("none", fd, "new/new"));
    say("  unlink_file", __wasi_path_unlink_file(fd, "none"));
    say("  accept", __wasi_sock_accept(fd, 0, &new));
    say("  recv", __wasi_sock_recv(fd, &in, 1, 0, &n, &ro));
    say("  send", __wasi_sock_send(fd, &to, 1, 0, &n));
    say("  shutdown", __wasi_sock_shutdown(fd, __WASI_SDFLAGS_RD));
    say("  renumber", __wasi_fd_renumber(fd, 77));
}

int main(void) {
    __wasi_prestat_t pre;
    say("prestat", __wasi_fd_prestat_get(DIR, &pre));
    say("  kind", pre.tag);
    say("  length", (int64_t)pre.u.dir.pr_name_len);
    memset(text, 0, sizeof text);
    say("name", __wasi_fd_prestat_dir_name(DIR, (uint8_t *)text, pre.u.dir.pr_name_len));
    say_text("  is", text, pre.u.dir.pr_name_len);
    say("name into too little", __wasi_fd_prestat_dir_name(DIR, (uint8_t *)text, 0));

    file("f", "content");
    int fd = open_in(DIR, "f", 0, READ | WRITE, 0);
    fdstat("to read and write", fd);
    say("append", __wasi_fd_fdstat_set_flags(fd, APPEND));
    say("write", write_text(fd, "!"));
    show("f");
    say("nonblock", __wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_NONBLOCK));
    fdstat("nonblock", fd);
    say("sync", __wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_SYNC));
    say("no flags", __wasi_fd_fdstat_set_flags(fd, 0));
    say("fewer rights", __wasi_fd_fdstat_set_rights(fd, READ, 0));
    int reader = open_in(DIR, "f", 0, READ, 0), writer = open_in(DIR, "f", 0, WRITE, APPEND);
    fdstat("to read", reader);
    fdstat("to append", writer);
    int dir = open_in(DIR, ".", DIRECTORY, READ, 0);
    fdstat("directory", dir);
    fdstat("folder", DIR);

    say("numbers", fd);
    say("", reader);
    say("", writer);
    say("", dir);
    say("close", __wasi_fd_close(reader));
    say("lowest first", open_in(DIR, "f", 0, READ, 0));
    say("renumber", __wasi_fd_renumber(writer, fd));
    say("write", write_text(fd, "?"));
    say("what it was", write_text(writer, "?"));
    show("f");
    say("renumber to none", __wasi_fd_renumber(fd, 50));
    say("renumber from none", __wasi_fd_renumber(50, fd));
    say("renumber to itself", __wasi_fd_renumber(fd, fd));
    say("renumber the folder", __wasi_fd_renumber(DIR, dir));
    say("open in its old number", open_in(DIR, "f", 0, READ, 0));
    say("open in its new number", open_in(dir, "f", 0, READ, 0) >= 0);

    every("none", 99);
    every("negative", -1);
    every("file", fd);
    every("directory", dir);
    every("standard input", 0);
    every("standard output", 1);
    say("close standard input", __wasi_fd_close(0));
    say("read it", read_text(0, 1));
    say("close the folder", __wasi_fd_close(dir));
    say("open in it", open_in(dir, "f", 0, READ, 0));
    return 0;
}
