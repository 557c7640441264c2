/* More than there is: opens, long paths, many buffers, a directory of many entries. The guest goes on after each. */
#include "guest.h"

static char path[1 << 20];
static uint8_t big[1 << 16];
static __wasi_ciovec_t out_iovs[2000];

int main(void) {
    file("f", "x");
    int last = 0;
    uint32_t opened = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        int fd = open_in(DIR, "f", 0, READ, 0);
        if (fd >= 0) opened++;
        else last = fd;
    }
    say("opens refused with", last);
    say("some opened", opened > 500);
    for (int fd = 4; fd < 4096; fd++) (void)__wasi_fd_close(fd);
    show("f");

    __wasi_filestat_t s;
    memset(path, 'p', sizeof path - 1);
    say("path of a megabyte", __wasi_path_filestat_get(DIR, 0, path, &s));
    say("created", __wasi_path_create_directory(DIR, path));
    say("random bytes", __wasi_random_get(big, sizeof big));

    int fd = create("g");
    __wasi_size_t n, total = 0;
    for (uint32_t i = 0; i < 2000; i++) out_iovs[i] = (__wasi_ciovec_t){(const uint8_t *)"0123456789", i % 11};
    uint32_t whole = 0;
    for (uint32_t i = 0; i < 2000; i++) whole += (uint32_t)out_iovs[i].buf_len;
    for (uint32_t i = 0; i < 2000;) {
        if (out_iovs[i].buf_len == 0) {
            i++;
            continue;
        }
        __wasi_errno_t e = __wasi_fd_write(fd, out_iovs + i, 2000 - i, &n);
        if (e || n == 0) {
            say("write", e);
            break;
        }
        total += n;
        while (i < 2000 && n >= out_iovs[i].buf_len) n -= out_iovs[i++].buf_len;
        if (n) {
            out_iovs[i].buf += n;
            out_iovs[i].buf_len -= n;
        }
    }
    say("all written", total == whole);
    say("stat", __wasi_fd_filestat_get(fd, &s));
    say("  size", (int64_t)s.size);
    return 0;
}
