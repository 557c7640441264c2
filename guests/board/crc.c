/* CRC-32 by a table of 256, CRC-16 by bits, and an Adler sum, over frames of 128 bytes. */
#include "../bench/kernel.h"

static u32 table[256];
static u8 frame[128];

static NOINLINE u32 crc32(const u8 *p, s32 n) {
    u32 c = ~0u;
    for (s32 i = 0; i < n; i++) c = table[(c ^ p[i]) & 255] ^ c >> 8;
    return ~c;
}

static NOINLINE u16 crc16(const u8 *p, s32 n) {
    u32 c = 0xffff;
    for (s32 i = 0; i < n; i++) {
        c ^= (u32)p[i] << 8;
        for (s32 b = 0; b < 8; b++) c = c & 0x8000 ? c << 1 ^ 0x1021 : c << 1;
    }
    return (u16)c;
}

static NOINLINE u32 adler(const u8 *p, s32 n) {
    u32 a = 1, b = 0;
    for (s32 i = 0; i < n; i++) {
        a += p[i];
        b += a;
    }
    return (b % 65521) << 16 | a % 65521;
}

EXPORT s64 run(s32 n) {
    for (u32 i = 0; i < 256; i++) {
        u32 c = i;
        for (s32 b = 0; b < 8; b++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    u32 s = 5, h = 0;
    for (s32 r = 0; r < n; r++) {
        for (u32 i = 0; i < sizeof frame; i++) frame[i] = (u8)next_random(&s);
        h = h * 31 + (crc32(frame, sizeof frame) ^ crc16(frame, sizeof frame) ^ adler(frame, sizeof frame));
    }
    return h;
}
