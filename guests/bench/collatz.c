/* Integer: Collatz lengths of numbers drawn from a linear congruential generator. */
#include "kernel.h"

EXPORT s64 run(s32 n) {
    u64 h = 1;
    u32 seed = 12345;
    for (s32 i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        u64 x = (seed >> 8) | 1;
        u32 steps = 0;
        while (x != 1) {
            x = (x & 1) ? 3 * x + 1 : x >> 1;
            steps++;
        }
        h = mix(h, steps + (seed % 17));
    }
    return (s64)h;
}
