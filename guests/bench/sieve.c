/* Memory-bound integer: the sieve of Eratosthenes by bytes and by bits. */
#include "kernel.h"

#define N 1000000
static u8 bytes[N];
static u64 bits[N / 64 + 1];

static NOINLINE s32 by_bytes(s32 limit) {
    s32 count = 0;
    for (s32 i = 0; i < limit; i++) bytes[i] = 1;
    for (s32 i = 2; i < limit; i++) {
        if (!bytes[i]) continue;
        count++;
        for (s64 j = (s64)i * i; j < limit; j += i) bytes[j] = 0;
    }
    return count;
}

static NOINLINE s32 by_bits(s32 limit) {
    s32 words = limit / 64 + 1, count = 0;
    for (s32 i = 0; i < words; i++) bits[i] = 0;
    for (s32 i = 3; i * i < limit; i += 2)
        if (!(bits[i >> 6] >> (i & 63) & 1))
            for (s32 j = i * i; j < limit; j += 2 * i) bits[j >> 6] |= 1ull << (j & 63);
    for (s32 i = 0; i < words; i++) count += __builtin_popcountll(~bits[i] & 0xaaaaaaaaaaaaaaaaull);
    return count;
}

EXPORT s64 run(s32 n) {
    u64 h = 1;
    for (s32 r = 0; r < n; r++) h = mix(h, (u64)(u32)by_bytes(N - r % 1000) << 32 | (u32)by_bits(N - r % 1000));
    return (s64)h;
}
