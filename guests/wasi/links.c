/* Links, symbolic and hard; rename and unlink. */
#include "guest.h"

static void look(const char *path, uint32_t flags) {
    __wasi_filestat_t s;
    memset(&s, 0, sizeof s);
    put(flags ? "stat " : "lstat ");
    say(path, __wasi_path_filestat_get(DIR, flags, path, &s));
    say("  type", s.filetype);
    say("  links", (int64_t)s.nlink);
}

static void target(const char *path, uint32_t room) {
    __wasi_size_t n = 0;
    memset(text, 0, sizeof text);
    put("readlink ");
    say(path, __wasi_path_readlink(DIR, path, (uint8_t *)text, room, &n));
    say_text("  target", text, n);
}

int main(void) {
    file("f", "content");
    (void)__wasi_path_create_directory(DIR, "d");
    say("symlink", __wasi_path_symlink("f", DIR, "to-f"));
    say("symlink again", __wasi_path_symlink("f", DIR, "to-f"));
    say("symlink to nothing", __wasi_path_symlink("none", DIR, "to-none"));
    say("symlink to itself", __wasi_path_symlink("loop", DIR, "loop"));
    say("symlink up", __wasi_path_symlink("../f", DIR, "d/up"));
    say("symlink to a directory", __wasi_path_symlink("d", DIR, "to-d"));
    say("symlink absolute", __wasi_path_symlink("/etc", DIR, "to-etc"));
    say("symlink below nothing", __wasi_path_symlink("f", DIR, "none/x"));
    target("to-f", sizeof text);
    target("to-none", 2);
    target("to-none", 0);
    target("f", sizeof text);
    target("none", sizeof text);
    look("f", 0);
    look("to-f", 0);
    look("to-f", 1);
    look("to-none", 0);
    look("to-none", 1);
    look("loop", 0);
    look("loop", 1);
    look("d/up", 1);
    look("to-d", 0);
    look("to-d", 1);
    look("to-d/", 0);
    look("to-f/", 1);
    show("d/up");
    show("to-d/up");

    __wasi_fd_t fd;
    say("open a link", __wasi_path_open(DIR, 0, "to-f", 0, READ, 0, 0, &fd));
    say("open a loop", open_in(DIR, "loop", 0, READ, 0));
    say("create through a dangling link", open_in(DIR, "to-none", CREATE, WRITE, 0));
    show("none");
    say("create exclusively through a link", open_in(DIR, "to-f", CREATE | EXCL, WRITE, 0));

    say("link", __wasi_path_link(DIR, 0, "f", DIR, "f2"));
    say("link again", __wasi_path_link(DIR, 0, "f", DIR, "f2"));
    say("link a directory", __wasi_path_link(DIR, 0, "d", DIR, "d2"));
    say("link nothing", __wasi_path_link(DIR, 0, "nothing", DIR, "n2"));
    say("link a link", __wasi_path_link(DIR, 0, "to-f", DIR, "to-f2"));
    say("link followed", __wasi_path_link(DIR, 1, "to-f", DIR, "to-f3"));
    look("f", 0);
    look("to-f2", 0);
    say("unlink", __wasi_path_unlink_file(DIR, "f"));
    look("f2", 0);
    show("f2");

    say("rename", __wasi_path_rename(DIR, "f2", DIR, "d/g"));
    show("d/g");
    say("rename to itself", __wasi_path_rename(DIR, "d/g", DIR, "d/g"));
    say("rename nothing", __wasi_path_rename(DIR, "f2", DIR, "x"));
    say("rename below nothing", __wasi_path_rename(DIR, "d/g", DIR, "nothing/g"));
    file("h", "h");
    say("rename over a file", __wasi_path_rename(DIR, "h", DIR, "d/g"));
    show("d/g");
    (void)__wasi_path_create_directory(DIR, "e");
    say("directory over a file", __wasi_path_rename(DIR, "e", DIR, "d/g"));
    say("file over a directory", __wasi_path_rename(DIR, "d/g", DIR, "e"));
    say("directory over a full one", __wasi_path_rename(DIR, "e", DIR, "d"));
    say("directory over an empty one", __wasi_path_rename(DIR, "d", DIR, "e"));
    show("e/g");
    say("directory into itself", __wasi_path_rename(DIR, "e", DIR, "e/f"));
    say("rename a link", __wasi_path_rename(DIR, "to-none", DIR, "renamed"));
    target("renamed", sizeof text);

    int open = open_in(DIR, "e/g", 0, READ | WRITE, 0);
    say("unlink what is open", __wasi_path_unlink_file(DIR, "e/g"));
    say("read it", read_text(open, 10));
    __wasi_filestat_t s;
    say("stat it", __wasi_fd_filestat_get(open, &s));
    say("  links", (int64_t)s.nlink);
    say("unlink nothing", __wasi_path_unlink_file(DIR, "e/g"));
    say("unlink with a slash", __wasi_path_unlink_file(DIR, "renamed/"));
    say("unlink a loop", __wasi_path_unlink_file(DIR, "loop"));
    return 0;
}
