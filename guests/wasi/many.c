/* A directory of many entries: counts them, part by part, and goes on. */
#include "guest.h"

static uint8_t buf[4096];

int main(void) {
    __wasi_dircookie_t cookie = 0;
    uint64_t count = 0, letters = 0;
    int fd = open_in(DIR, ".", DIRECTORY, READ, 0);
    for (;;) {
        __wasi_size_t used;
        __wasi_errno_t e = __wasi_fd_readdir(fd, buf, sizeof buf, cookie, &used);
        if (e) {
            say("readdir", e);
            break;
        }
        uint64_t before = count;
        for (uint32_t at = 0; at + sizeof(__wasi_dirent_t) <= used;) {
            __wasi_dirent_t d;
            memcpy(&d, buf + at, sizeof d);
            if (at + sizeof d + d.d_namlen > used) break;
            at += sizeof d + d.d_namlen;
            cookie = d.d_next;
            letters += d.d_namlen;
            count++;
        }
        if (count == before) break;
    }
    say("entries", (int64_t)count);
    say("letters", (int64_t)letters);
    file("after", "it goes on\n");
    show("after");
    return 0;
}
