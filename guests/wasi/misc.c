/* Arguments, environment, clocks, random bytes, yielding, signals, and the end. */
#include "guest.h"

/* wasi-libc does not declare it. */
int32_t proc_raise(int32_t signal)
    __attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_raise")));

int main(void) {
    __wasi_size_t n, bytes;
    static uint8_t *pointers[16];
    static uint8_t buf[1024], other[1024];
    say("args_sizes", __wasi_args_sizes_get(&n, &bytes));
    say("  count", n);
    say("args", __wasi_args_get(pointers, buf));
    for (uint32_t i = 1; i < n; i++) say_text("  arg", pointers[i], strlen((const char *)pointers[i]));
    say("environ_sizes", __wasi_environ_sizes_get(&n, &bytes));
    say("  count", n);
    say("  bytes", bytes);
    say("environ", __wasi_environ_get(pointers, buf));
    for (uint32_t i = 0; i < n; i++) say_text("  var", pointers[i], strlen((const char *)pointers[i]));

    __wasi_timestamp_t t, u;
    say("resolution", __wasi_clock_res_get(__WASI_CLOCKID_REALTIME, &t));
    say("  is some", t > 0);
    say("resolution", __wasi_clock_res_get(__WASI_CLOCKID_MONOTONIC, &t));
    say("real time", __wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 1, &t));
    say("  is late", t > 1600000000000000000);
    say("monotonic time", __wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &t));
    say("monotonic time", __wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &u));
    say("  goes on", u >= t);
    say("processor time", __wasi_clock_time_get(__WASI_CLOCKID_PROCESS_CPUTIME_ID, 1, &t));
    say("random", __wasi_random_get(buf, sizeof buf));
    say("random", __wasi_random_get(other, sizeof other));
    say("  differ", memcmp(buf, other, sizeof buf) != 0);
    say("nothing random", __wasi_random_get(buf, 0));
    say("yield", __wasi_sched_yield());
    say("raise", proc_raise(0));
    __wasi_iovec_t in[2] = {{buf, 4}, {buf + 4, 100}};
    say("read", __wasi_fd_read(0, in, 2, &n));
    say("read", __wasi_fd_read(0, in + 1, 1, &n));
    say_text("  text", buf, 4 + n);
    flush();
    __wasi_proc_exit(42);
}
