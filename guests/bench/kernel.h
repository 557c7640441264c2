/* What every kernel shares. A kernel is one C file that exports `run`: it does `n` rounds of its work and
 * returns a checksum. It is built twice from the same source: for wasm32 without a libc, and natively. */
#ifndef KERNEL_H
#define KERNEL_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef int s32;
typedef long long s64;

#ifdef __wasm__
#define EXPORT __attribute__((export_name("run")))
#else
#define EXPORT
#endif
#define NOINLINE __attribute__((noinline))

EXPORT s64 run(s32 n);

/* xorshift32: the same numbers on every engine. */
static inline u32 next_random(u32 *state) {
    u32 x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

static inline u64 mix(u64 h, u64 v) {
    return (h ^ v) * 0x9e3779b97f4a7c15ull + (h >> 29);
}

/* The bits of a float, so that a checksum compares every one of them. */
static inline u64 bits_of(double d) {
    u64 b;
    __builtin_memcpy(&b, &d, sizeof b);
    return b;
}

#endif
