/* Hashing: CRC-32 by table, and an open-addressing hash table with inserts, look-ups and deletes. */
#include "kernel.h"

#define SLOTS 65536
static u32 crc_table[256];
static u8 block[16384];
static u64 keys[SLOTS];
static u32 counts[SLOTS];

static NOINLINE u32 crc32(const u8 *p, s32 n) {
    u32 c = ~0u;
    for (s32 i = 0; i < n; i++) c = crc_table[(c ^ p[i]) & 255] ^ c >> 8;
    return ~c;
}

static u32 slot_of(u64 key) {
    u64 x = key;
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    x ^= x >> 33;
    return (u32)x & (SLOTS - 1);
}

static NOINLINE u32 bump(u64 key) {
    u32 i = slot_of(key);
    while (keys[i] != 0 && keys[i] != key) i = (i + 1) & (SLOTS - 1);
    keys[i] = key;
    return ++counts[i];
}

static NOINLINE void erase(u64 key) {
    u32 i = slot_of(key);
    while (keys[i] != key) {
        if (keys[i] == 0) return;
        i = (i + 1) & (SLOTS - 1);
    }
    for (u32 j = i;;) {
        keys[i] = 0;
        counts[i] = 0;
        u32 home;
        do {
            j = (j + 1) & (SLOTS - 1);
            if (keys[j] == 0) return;
            home = slot_of(keys[j]);
        } while (i <= j ? i < home && home <= j : i < home || home <= j);
        keys[i] = keys[j];
        counts[i] = counts[j];
        i = j;
    }
}

EXPORT s64 run(s32 n) {
    for (u32 i = 0; i < 256; i++) {
        u32 c = i;
        for (s32 b = 0; b < 8; b++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        crc_table[i] = c;
    }
    for (s32 i = 0; i < SLOTS; i++) {
        keys[i] = 0;
        counts[i] = 0;
    }
    u32 s = 77;
    u64 h = 1;
    for (s32 r = 0; r < n; r++) {
        for (u32 i = 0; i < sizeof block; i += 4) {
            u32 x = next_random(&s);
            __builtin_memcpy(block + i, &x, 4);
        }
        h = mix(h, crc32(block, sizeof block));
        u32 total = 0;
        for (s32 i = 0; i < 10000; i++) total += bump(1 + (next_random(&s) % 30000) * 0x10001ull);
        for (s32 i = 0; i < 5000; i++) erase(1 + (next_random(&s) % 30000) * 0x10001ull);
        h = mix(h, total);
    }
    return (s64)h;
}
