#include "lz4.h"

#define EXPORT(name) __attribute__((export_name(#name)))
#define P1 2654435761u
#define P2 2246822519u
#define P3 3266489917u
#define P4 668265263u
#define P5 374761393u

static uint32_t rotl(uint32_t x, int r) { return x << r | x >> (32 - r); }

static uint32_t read32(const uint8_t *p) {
    uint32_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t round32(uint32_t lane, const uint8_t *p) { return rotl(lane + read32(p) * P2, 13) * P1; }

EXPORT(xxh32) uint32_t xxh32(const uint8_t *data, uint32_t size, uint32_t seed) {
    const uint8_t *p = data, *end = data + size;
    uint32_t h = seed + P5;
    if (size >= 16) {
        uint32_t a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1;
        for (; end - p >= 16; p += 16) {
            a = round32(a, p);
            b = round32(b, p + 4);
            c = round32(c, p + 8);
            d = round32(d, p + 12);
        }
        h = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
    }
    h += size;
    for (; end - p >= 4; p += 4) h = rotl(h + read32(p) * P3, 17) * P4;
    for (; p < end; p++) h = rotl(h + *p * P5, 11) * P1;
    h = (h ^ h >> 15) * P2;
    h = (h ^ h >> 13) * P3;
    return h ^ h >> 16;
}

EXPORT(crc32) uint32_t crc32(const uint8_t *data, uint32_t size, uint32_t crc) {
    static uint32_t table[256];
    if (table[1] == 0)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
            table[i] = c;
        }
    crc = ~crc;
    for (uint32_t i = 0; i < size; i++) crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
    return ~crc;
}
