// A WASI command that prints what each call on files gives, on paths of many kinds. It expects to run in the folder that
// `wasi/tests/codes.rs` makes, as descriptor 3.

#include <stdint.h>
#include <stdio.h>
#include <wasi/api.h>

enum {
    CREAT = __WASI_OFLAGS_CREAT,
    EXCL = __WASI_OFLAGS_EXCL,
    TRUNC = __WASI_OFLAGS_TRUNC,
    DIR = __WASI_OFLAGS_DIRECTORY,
    READ = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_READDIR,
    WRITE = __WASI_RIGHTS_FD_WRITE,
    BOTH = READ | WRITE,
    APPEND = __WASI_FDFLAGS_APPEND,
    NONBLOCK = __WASI_FDFLAGS_NONBLOCK,
    SYNC = __WASI_FDFLAGS_SYNC,
    ATIM = __WASI_FSTFLAGS_ATIM,
    ATIM_NOW = __WASI_FSTFLAGS_ATIM_NOW,
    MTIM = __WASI_FSTFLAGS_MTIM,
    MTIM_NOW = __WASI_FSTFLAGS_MTIM_NOW,
};

static const uint64_t FAR = UINT64_MAX;

static const char *const NAMES[] = {
    [__WASI_ERRNO_SUCCESS] = "ok",         [__WASI_ERRNO_BADF] = "BADF",
    [__WASI_ERRNO_BUSY] = "BUSY",          [__WASI_ERRNO_EXIST] = "EXIST",
    [__WASI_ERRNO_INVAL] = "INVAL",        [__WASI_ERRNO_ISDIR] = "ISDIR",
    [__WASI_ERRNO_LOOP] = "LOOP",          [__WASI_ERRNO_NOENT] = "NOENT",
    [__WASI_ERRNO_NOTDIR] = "NOTDIR",      [__WASI_ERRNO_NOTEMPTY] = "NOTEMPTY",
    [__WASI_ERRNO_NOTSUP] = "NOTSUP",      [__WASI_ERRNO_PERM] = "PERM",
    [__WASI_ERRNO_NOTCAPABLE] = "NOTCAPABLE",
};

static void show(const char *call, unsigned code) {
    const char *name = code < sizeof NAMES / sizeof *NAMES ? NAMES[code] : 0;
    if (name) {
        printf("%s %s\n", call, name);
    } else {
        printf("%s %u\n", call, code);
    }
}

#define SHOW(call) show(#call, call)

static unsigned open_at(int look, const char *path, int how, uint64_t rights, int flags) {
    __wasi_fd_t fd;
    unsigned code = __wasi_path_open(3, look, path, how, rights, rights, flags, &fd);
    if (!code) {
        code = __wasi_fd_close(fd);
    }
    return code;
}

static unsigned stat_at(int look, const char *path) {
    __wasi_filestat_t found;
    return __wasi_path_filestat_get(3, look, path, &found);
}

static unsigned times_at(int look, const char *path) {
    return __wasi_path_filestat_set_times(3, look, path, 1, 2, ATIM | MTIM);
}

static unsigned readlink_at(const char *path) {
    uint8_t buf[100];
    __wasi_size_t n;
    return __wasi_path_readlink(3, path, buf, sizeof buf, &n);
}

// What is there, links among them, and what is not.
static void on_path(const char *p) {
    printf("= %s\n", p);
    SHOW(open_at(1, p, 0, READ, 0));
    SHOW(open_at(0, p, 0, READ, 0));
    SHOW(open_at(1, p, DIR, READ, 0));
    SHOW(open_at(0, p, DIR, READ, 0));
    SHOW(open_at(1, p, 0, BOTH, 0));
    SHOW(open_at(1, p, 0, WRITE, 0));
    SHOW(open_at(1, p, TRUNC, READ, 0));
    SHOW(open_at(1, p, 0, 0, 0));
    SHOW(open_at(1, p, CREAT | EXCL | DIR, READ, 0));
    SHOW(open_at(1, p, DIR, BOTH, 0));
    SHOW(open_at(1, p, TRUNC | DIR, BOTH, 0));
    SHOW(open_at(1, p, 0, BOTH, SYNC));
    SHOW(open_at(1, p, 0, BOTH, APPEND));
    SHOW(stat_at(1, p));
    SHOW(stat_at(0, p));
    SHOW(times_at(1, p));
    SHOW(times_at(0, p));
    SHOW(readlink_at(p));
    SHOW(__wasi_path_link(3, 0, p, 3, "sub/link"));
    SHOW(__wasi_path_link(3, 1, p, 3, "sub/link"));
    SHOW(__wasi_path_unlink_file(3, "sub/link"));
    SHOW(__wasi_path_link(3, 0, "file", 3, p));
    SHOW(__wasi_path_symlink("x", 3, p));
    SHOW(__wasi_path_symlink(p, 3, "sub/link"));
    SHOW(__wasi_path_unlink_file(3, "sub/link"));
    SHOW(__wasi_path_rename(3, p, 3, "sub/moved"));
    SHOW(__wasi_path_rename(3, "sub/moved", 3, p));
    SHOW(__wasi_path_create_directory(3, p));
}

// What is made, and removed again.
static void on_new(const char *p) {
    printf("= new %s\n", p);
    SHOW(open_at(1, p, CREAT, READ, 0));
    SHOW(open_at(1, p, CREAT | EXCL, BOTH, 0));
    SHOW(__wasi_path_remove_directory(3, p));
    SHOW(__wasi_path_unlink_file(3, p));
    SHOW(__wasi_path_unlink_file(3, p));
    SHOW(__wasi_path_create_directory(3, p));
    SHOW(__wasi_path_create_directory(3, p));
    SHOW(__wasi_path_unlink_file(3, p));
    SHOW(__wasi_path_remove_directory(3, p));
    SHOW(__wasi_path_remove_directory(3, p));
    SHOW(__wasi_path_symlink("file", 3, p));
    SHOW(__wasi_path_remove_directory(3, p));
    SHOW(__wasi_path_unlink_file(3, p));
}

// A descriptor: that of the file, opened so, or of the folder.
static void on_descriptor(const char *what, int fd) {
    char room[64];
    __wasi_iovec_t in = {(uint8_t *)room, 4};
    __wasi_ciovec_t out = {(const uint8_t *)"wxyz", 4};
    __wasi_filesize_t at;
    __wasi_size_t n;
    __wasi_fdstat_t stat;
    __wasi_filestat_t found;
    printf("= %s\n", what);
    SHOW(__wasi_fd_read(fd, &in, 1, &n));
    SHOW(__wasi_fd_pread(fd, &in, 1, 1, &n));
    SHOW(__wasi_fd_pread(fd, &in, 1, FAR, &n));
    SHOW(__wasi_fd_write(fd, &out, 1, &n));
    SHOW(__wasi_fd_pwrite(fd, &out, 1, 0, &n));
    SHOW(__wasi_fd_pwrite(fd, &out, 1, FAR, &n));
    SHOW(__wasi_fd_seek(fd, 0, __WASI_WHENCE_SET, &at));
    SHOW(__wasi_fd_seek(fd, -100, __WASI_WHENCE_CUR, &at));
    SHOW(__wasi_fd_seek(fd, 100, __WASI_WHENCE_END, &at));
    SHOW(__wasi_fd_tell(fd, &at));
    SHOW(__wasi_fd_filestat_set_size(fd, 5));
    SHOW(__wasi_fd_filestat_set_size(fd, FAR));
    SHOW(__wasi_fd_allocate(fd, 0, 10));
    SHOW(__wasi_fd_advise(fd, 0, 0, __WASI_ADVICE_WILLNEED));
    SHOW(__wasi_fd_sync(fd));
    SHOW(__wasi_fd_datasync(fd));
    SHOW(__wasi_fd_filestat_set_times(fd, 1, 2, ATIM | MTIM));
    SHOW(__wasi_fd_filestat_set_times(fd, 1, 2, ATIM | ATIM_NOW));
    SHOW(__wasi_fd_filestat_set_times(fd, 1, 2, ATIM_NOW | MTIM_NOW));
    SHOW(__wasi_fd_filestat_set_times(fd, 1, 2, 0));
    SHOW(__wasi_fd_filestat_get(fd, &found));
    SHOW(__wasi_fd_readdir(fd, (uint8_t *)room, sizeof room, 0, &n));
    SHOW(__wasi_fd_readdir(fd, (uint8_t *)room, sizeof room, 1000, &n));
    SHOW(__wasi_path_create_directory(fd, "sub"));
    SHOW(__wasi_fd_fdstat_get(fd, &stat));
    printf("type %d, flags %d, rights %llx and %llx\n", stat.fs_filetype, stat.fs_flags, stat.fs_rights_base,
           stat.fs_rights_inheriting);
}

static void on_file(const char *what, uint64_t rights, int flags) {
    __wasi_fd_t fd;
    unsigned code = __wasi_path_open(3, 1, "file", 0, rights, 0, flags, &fd);
    show(what, code);
    if (!code) {
        on_descriptor(what, fd);
        SHOW(__wasi_fd_close(fd));
        SHOW(__wasi_fd_close(fd));
    }
}

int main(void) {
    on_descriptor("the folder", 3);
    on_file("file, both", BOTH, 0);
    on_file("file, read", READ, 0);
    on_file("file, write", WRITE, 0);
    on_file("file, neither", 0, 0);
    on_file("file, all rights", 0x1fffffff, 0);
    on_file("file, append", BOTH, APPEND);
    on_file("file, nonblock", BOTH, NONBLOCK);
    const char *paths[] = {
        "file",       "file/",        "file/x",   "file/..",   "./file",     "none",      "none/x",      "none/../file",
        "sub",        "sub/",         "sub/.",    "sub/..",    "sub/../file", "full",     "full/",       ".",
        "..",         "../x",         "/etc",     "/",         "sub/../../x", "link",     "link/",       "link/x",
        "dirlink",    "dirlink/",     "dirlink/file", "outside", "outside/", "outside/secret", "absolute", "absolute/",
        "absolute/secret", "loop",    "loop/x",   "dangling",  "dangling/",
    };
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
        on_path(paths[i]);
    }
    const char *new[] = {
        "new", "new/", "new/.", "sub/new", "none/new", "file/new", "../new", "/new", "outside/new", "dangling",
    };
    for (unsigned i = 0; i < sizeof new / sizeof *new; i++) {
        on_new(new[i]);
    }
    printf("= directories\n");
    SHOW(__wasi_path_remove_directory(3, "full"));
    SHOW(__wasi_path_remove_directory(3, "dirlink"));
    SHOW(__wasi_path_remove_directory(3, "dirlink/"));
    SHOW(__wasi_path_remove_directory(3, "."));
    SHOW(__wasi_path_rename(3, "file", 3, "full"));
    SHOW(__wasi_path_rename(3, "sub", 3, "file"));
    SHOW(__wasi_path_rename(3, "sub", 3, "full"));
    SHOW(__wasi_path_rename(3, "sub", 3, "sub/in"));
    SHOW(__wasi_path_rename(3, "file", 3, "file"));
    SHOW(__wasi_path_rename(3, "dirlink", 3, "moved"));
    SHOW(__wasi_path_rename(3, "moved", 3, "dirlink"));
}
