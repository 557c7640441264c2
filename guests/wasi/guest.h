/* What every guest shares: preview 1's functions as wasi-libc declares them, and a printer that needs no stdio.
 * A guest prints a line for each thing it asks, `what: errno` or `what: value`, and nothing that differs between two
 * runs, so that what it prints can be compared byte for byte. Descriptor 3 is a folder of its own. */
#ifndef GUEST_H
#define GUEST_H

#include <stdint.h>
#include <string.h>
#include <wasi/api.h>

#define DIR 3
#define ALL_RIGHTS 0x1fffffffu

static char out[4096];
static uint32_t out_len;

static void flush(void) {
    __wasi_ciovec_t iov = {(const uint8_t *)out, out_len};
    __wasi_size_t n;
    if (out_len) (void)__wasi_fd_write(1, &iov, 1, &n);
    out_len = 0;
}

static void put(const char *text) {
    for (; *text; text++) {
        if (out_len == sizeof out) flush();
        out[out_len++] = *text;
    }
}

static void put_bytes(const void *bytes, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        char c[2] = {((const char *)bytes)[i], 0};
        if (c[0] == 0) c[0] = '.';
        put(c);
    }
}

static void put_number(int64_t v) {
    char digits[24];
    uint32_t n = sizeof digits;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    digits[--n] = 0;
    do digits[--n] = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0) digits[--n] = '-';
    put(digits + n);
}

/* A line `what: number`; an errno as often as not. */
static void say(const char *what, int64_t v) {
    put(what);
    put(": ");
    put_number(v);
    put("\n");
    flush();
}

static void say_text(const char *what, const void *text, uint32_t n) {
    put(what);
    put(": ");
    put_bytes(text, n);
    put("\n");
    flush();
}

/* Opens a path in a directory; -errno where that fails. */
static int open_in(int dir, const char *path, uint16_t oflags, uint64_t rights, uint16_t fdflags) {
    __wasi_fd_t fd;
    __wasi_errno_t e = __wasi_path_open(dir, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, oflags, rights, ALL_RIGHTS, fdflags, &fd);
    return e ? -(int)e : (int)fd;
}

#define READ __WASI_RIGHTS_FD_READ
#define WRITE __WASI_RIGHTS_FD_WRITE
#define CREATE __WASI_OFLAGS_CREAT
#define EXCL __WASI_OFLAGS_EXCL
#define TRUNC __WASI_OFLAGS_TRUNC
#define DIRECTORY __WASI_OFLAGS_DIRECTORY
#define APPEND __WASI_FDFLAGS_APPEND

static inline int create(const char *path) {
    return open_in(DIR, path, CREATE | TRUNC, READ | WRITE, 0);
}

/* Writes text; the number of bytes, or -errno. */
static inline int64_t write_text(int fd, const char *text) {
    __wasi_ciovec_t iov = {(const uint8_t *)text, strlen(text)};
    __wasi_size_t n = 0;
    __wasi_errno_t e = __wasi_fd_write(fd, &iov, 1, &n);
    return e ? -(int64_t)e : (int64_t)n;
}

static char text[256];

/* Reads up to n bytes into `text`; their number, or -errno. */
static inline int64_t read_text(int fd, uint32_t n) {
    __wasi_iovec_t iov = {(uint8_t *)text, n};
    __wasi_size_t got = 0;
    memset(text, 0, sizeof text);
    __wasi_errno_t e = __wasi_fd_read(fd, &iov, 1, &got);
    return e ? -(int64_t)e : (int64_t)got;
}

/* Makes a file with this content. */
static inline void file(const char *path, const char *content) {
    int fd = create(path);
    if (fd < 0) {
        say(path, fd);
        return;
    }
    (void)write_text(fd, content);
    (void)__wasi_fd_close(fd);
}

/* Prints a whole file. */
static inline void show(const char *path) {
    int fd = open_in(DIR, path, 0, READ, 0);
    if (fd < 0) {
        say(path, fd);
        return;
    }
    int64_t n = read_text(fd, sizeof text);
    say_text(path, text, n < 0 ? 0 : (uint32_t)n);
    (void)__wasi_fd_close(fd);
}

#endif
