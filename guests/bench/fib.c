/* Calls: doubly recursive Fibonacci and a small Ackermann function. */
#include "kernel.h"

static NOINLINE u32 fib(u32 n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static NOINLINE u32 ackermann(u32 m, u32 n) {
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

EXPORT s64 run(s32 n) {
    u64 h = 1;
    for (s32 i = 0; i < n; i++) {
        h = mix(h, fib(24 + (i & 1)));
        h = mix(h, ackermann(2, 60 + (i & 7)));
    }
    return (s64)h;
}
