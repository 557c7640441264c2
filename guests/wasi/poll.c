/* poll_oneoff: clocks, relative and absolute, and descriptors. */
#include "guest.h"

static __wasi_subscription_t in[8];
static __wasi_event_t events[8];

static void clock(uint32_t i, uint32_t id, uint64_t timeout, uint16_t flags) {
    memset(&in[i], 0, sizeof in[i]);
    in[i].userdata = 100 + i;
    in[i].u.tag = __WASI_EVENTTYPE_CLOCK;
    in[i].u.u.clock.id = id;
    in[i].u.u.clock.timeout = timeout;
    in[i].u.u.clock.flags = flags;
}

static void descriptor(uint32_t i, uint8_t tag, int fd) {
    memset(&in[i], 0, sizeof in[i]);
    in[i].userdata = 200 + i;
    in[i].u.tag = tag;
    in[i].u.u.fd_read.file_descriptor = fd;
}

static void poll(const char *what, uint32_t n) {
    __wasi_size_t got = 0;
    memset(events, 0, sizeof events);
    say(what, __wasi_poll_oneoff(in, events, n, &got));
    say("  events", got);
    for (uint32_t i = 0; i < got; i++) {
        say("  userdata", (int64_t)events[i].userdata);
        say("    error", events[i].error);
        say("    type", events[i].type);
        if (events[i].type != __WASI_EVENTTYPE_CLOCK) {
            say("    bytes", (int64_t)events[i].fd_readwrite.nbytes);
            say("    flags", events[i].fd_readwrite.flags);
        }
    }
}

int main(void) {
    __wasi_timestamp_t before, after, real;
    poll("nothing", 0);
    (void)__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &before);
    clock(0, __WASI_CLOCKID_MONOTONIC, 20000000, 0);
    poll("20 ms", 1);
    (void)__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &after);
    say("  has passed", after - before >= 20000000);
    clock(0, __WASI_CLOCKID_MONOTONIC, 60000000000, 0);
    clock(1, __WASI_CLOCKID_MONOTONIC, 1000000, 0);
    poll("a minute or 1 ms", 2);
    (void)__wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 1, &real);
    clock(0, __WASI_CLOCKID_REALTIME, 10000000, 0);
    poll("10 ms of real time", 1);
    (void)__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &before);
    clock(0, __WASI_CLOCKID_MONOTONIC, before, __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME);
    poll("a time that has passed", 1);
    clock(0, __WASI_CLOCKID_MONOTONIC, before + 5000000, __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME);
    poll("a time to come", 1);

    file("f", "content");
    int fd = open_in(DIR, "f", 0, READ | WRITE, 0);
    descriptor(0, __WASI_EVENTTYPE_FD_READ, fd);
    clock(1, __WASI_CLOCKID_MONOTONIC, 60000000000, 0);
    poll("a file to read", 2);
    descriptor(0, __WASI_EVENTTYPE_FD_WRITE, fd);
    poll("a file to write", 2);
    (void)read_text(fd, 100);
    descriptor(0, __WASI_EVENTTYPE_FD_READ, fd);
    poll("a file at its end", 1);
    descriptor(0, __WASI_EVENTTYPE_FD_WRITE, 1);
    poll("standard output", 1);
    descriptor(0, __WASI_EVENTTYPE_FD_READ, 0);
    poll("standard input", 1);
    say("read", read_text(0, 100));
    return 0;
}
