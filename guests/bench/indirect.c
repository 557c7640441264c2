/* Indirect calls: a table of handlers called in an order that data decides, and a comparison passed to a sort. */
#include "kernel.h"

typedef u32 (*Op)(u32, u32);
static NOINLINE u32 op_add(u32 a, u32 b) { return a + b; }
static NOINLINE u32 op_sub(u32 a, u32 b) { return a - b; }
static NOINLINE u32 op_xor(u32 a, u32 b) { return a ^ b; }
static NOINLINE u32 op_mul(u32 a, u32 b) { return a * (b | 1); }
static NOINLINE u32 op_rot(u32 a, u32 b) { return (a << (b & 31)) | (a >> ((32 - b) & 31)); }
static NOINLINE u32 op_min(u32 a, u32 b) { return a < b ? a : b; }
static NOINLINE u32 op_max(u32 a, u32 b) { return a > b ? a : b; }
static NOINLINE u32 op_avg(u32 a, u32 b) { return (a >> 1) + (b >> 1); }

static Op const volatile table[8] = {op_add, op_sub, op_xor, op_mul, op_rot, op_min, op_max, op_avg};

typedef s32 (*Less)(u32, u32);
static NOINLINE s32 up(u32 a, u32 b) { return a < b; }
static NOINLINE s32 down(u32 a, u32 b) { return a > b; }
static NOINLINE s32 by_low_bits(u32 a, u32 b) { return (a & 0xffff) < (b & 0xffff); }
static Less const volatile orders[3] = {up, down, by_low_bits};

static u32 data[1024];

static NOINLINE void shell_sort(u32 *v, s32 n, Less less) {
    for (s32 gap = n / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11)
        for (s32 i = gap; i < n; i++) {
            u32 x = v[i];
            s32 j = i;
            for (; j >= gap && less(x, v[j - gap]); j -= gap) v[j] = v[j - gap];
            v[j] = x;
        }
}

EXPORT s64 run(s32 n) {
    u64 h = 1;
    u32 s = 99;
    for (s32 r = 0; r < n; r++) {
        u32 acc = (u32)r;
        for (s32 i = 0; i < 20000; i++) {
            u32 x = next_random(&s);
            acc = table[(x >> 7) & 7](acc, x);
        }
        for (s32 i = 0; i < 1024; i++) data[i] = next_random(&s);
        shell_sort(data, 1024, orders[r % 3]);
        h = mix(h, acc ^ data[r & 1023]);
    }
    return (s64)h;
}
