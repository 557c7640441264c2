/* Directories: made, listed by cookies with large and small buffers while entries come and go, removed. */
#include "guest.h"

static uint8_t buf[2048];

/* Lists in the order of names, since no host promises another. */
static void list(int fd) {
    static char names[32][32];
    static uint8_t types[32];
    __wasi_size_t used;
    uint32_t count = 0;
    say("readdir", __wasi_fd_readdir(fd, buf, sizeof buf, 0, &used));
    for (uint32_t at = 0; at + sizeof(__wasi_dirent_t) <= used && count < 32;) {
        __wasi_dirent_t d;
        memcpy(&d, buf + at, sizeof d);
        at += sizeof d;
        uint32_t len = d.d_namlen < 31 ? d.d_namlen : 31;
        memcpy(names[count], buf + at, len);
        names[count][len] = 0;
        types[count++] = d.d_type;
        at += d.d_namlen;
    }
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = i + 1; j < count; j++)
            if (strcmp(names[i], names[j]) > 0) {
                char name[32];
                uint8_t type = types[i];
                memcpy(name, names[i], 32);
                memcpy(names[i], names[j], 32);
                memcpy(names[j], name, 32);
                types[i] = types[j];
                types[j] = type;
            }
    for (uint32_t i = 0; i < count; i++) {
        put("  ");
        say(names[i], types[i]);
    }
}

/* Counts entries one at a time, each call going on at the cookie of the last entry. */
static void step(int fd, uint32_t room) {
    __wasi_dircookie_t cookie = 0;
    uint32_t count = 0, calls = 0;
    for (; calls < 100; calls++) {
        __wasi_size_t used;
        __wasi_errno_t e = __wasi_fd_readdir(fd, buf, room, cookie, &used);
        if (e) {
            say("readdir", e);
            return;
        }
        uint32_t before = count;
        for (uint32_t at = 0; at + sizeof(__wasi_dirent_t) <= used;) {
            __wasi_dirent_t d;
            memcpy(&d, buf + at, sizeof d);
            if (at + sizeof d + d.d_namlen > used) break;
            at += sizeof d + d.d_namlen;
            cookie = d.d_next;
            count++;
        }
        if (count == before) break;
    }
    say("  entries", count);
    say("  calls", calls);
}

int main(void) {
    __wasi_size_t used;
    say("create", __wasi_path_create_directory(DIR, "d"));
    say("create again", __wasi_path_create_directory(DIR, "d"));
    say("create below nothing", __wasi_path_create_directory(DIR, "none/d"));
    say("create with a slash", __wasi_path_create_directory(DIR, "d/s/"));
    file("d/file", "x");
    say("create over a file", __wasi_path_create_directory(DIR, "d/file"));
    say("create below a file", __wasi_path_create_directory(DIR, "d/file/e"));
    say("symlink", __wasi_path_symlink("file", DIR, "d/link"));
    int fd = open_in(DIR, "d", DIRECTORY, READ, 0);
    say("open", fd);
    list(fd);
    for (int i = 0; i < 12; i++) {
        char name[8] = {'d', '/', 'f', (char)('a' + i), 0};
        file(name, "");
    }
    step(fd, sizeof buf);
    step(fd, 64);
    step(fd, 40);
    say("readdir into little", __wasi_fd_readdir(fd, buf, 10, 0, &used));
    say("  used", used);
    say("readdir into nothing", __wasi_fd_readdir(fd, buf, 0, 0, &used));
    say("  used", used);
    say("readdir behind the end", __wasi_fd_readdir(fd, buf, sizeof buf, 1000, &used));
    say("  used", used);

    say("remove full", __wasi_path_remove_directory(DIR, "d"));
    say("remove a file", __wasi_path_remove_directory(DIR, "d/file"));
    say("remove nothing", __wasi_path_remove_directory(DIR, "none"));
    say("remove a link", __wasi_path_remove_directory(DIR, "d/link"));
    say("unlink a directory", __wasi_path_unlink_file(DIR, "d/s"));
    say("remove", __wasi_path_remove_directory(DIR, "d/s/"));
    for (int i = 0; i < 12; i++) {
        char name[4] = {'f', (char)('a' + i), 0};
        (void)__wasi_path_unlink_file(fd, name);
    }
    say("unlink", __wasi_path_unlink_file(fd, "file"));
    say("unlink", __wasi_path_unlink_file(fd, "link"));
    list(fd);
    say("remove", __wasi_path_remove_directory(DIR, "d"));
    __wasi_filestat_t s;
    say("stat of what was removed", __wasi_path_filestat_get(DIR, 0, "d", &s));
    say("open in what was removed", open_in(fd, "x", CREATE, WRITE, 0));
    (void)__wasi_fd_close(fd);
    file("file", "x");
    fd = open_in(DIR, "file", 0, READ, 0);
    say("readdir of a file", __wasi_fd_readdir(fd, buf, sizeof buf, 0, &used));
    say("create in a file", __wasi_path_create_directory(fd, "d"));
    return 0;
}
