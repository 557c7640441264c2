/* Byte loops: make UTF-8, validate and count it, then base64 there and back. */
#include "kernel.h"

#define N 65536
static u8 text[N + 8], coded[N * 2], back[N + 8];
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static u8 values[256];

static s32 fill(u32 *s) {
    s32 i = 0;
    while (i < N - 4) {
        u32 x = next_random(s);
        switch (x & 7) {
        case 0: /* two bytes */
            text[i++] = (u8)(0xc2 + (x >> 8) % 30);
            text[i++] = (u8)(0x80 | ((x >> 16) & 63));
            break;
        case 1: /* three bytes */
            text[i++] = (u8)(0xe1 + (x >> 8) % 12);
            text[i++] = (u8)(0x80 | ((x >> 16) & 63));
            text[i++] = (u8)(0x80 | ((x >> 24) & 63));
            break;
        case 2: /* four bytes */
            text[i++] = 0xf1;
            text[i++] = (u8)(0x80 | ((x >> 8) & 63));
            text[i++] = (u8)(0x80 | ((x >> 16) & 63));
            text[i++] = (u8)(0x80 | ((x >> 24) & 63));
            break;
        default: text[i++] = (u8)(32 + (x >> 8) % 95);
        }
    }
    return i;
}

/* The number of characters, or -1 where the text is not UTF-8. */
static NOINLINE s32 count(const u8 *p, s32 len) {
    s32 chars = 0;
    const u8 *end = p + len;
    while (p < end) {
        u8 c = *p;
        s32 extra = c < 0x80 ? 0 : c < 0xc2 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : -1;
        if (extra < 0 || end - p <= extra) return -1;
        if (c == 0xe0 && p[1] < 0xa0) return -1;
        if (c == 0xed && p[1] > 0x9f) return -1;
        if (c == 0xf0 && p[1] < 0x90) return -1;
        if (c == 0xf4 && p[1] > 0x8f) return -1;
        for (s32 k = 1; k <= extra; k++)
            if ((p[k] & 0xc0) != 0x80) return -1;
        p += extra + 1;
        chars++;
    }
    return chars;
}

static NOINLINE s32 encode(const u8 *in, s32 len, u8 *out) {
    s32 o = 0;
    for (s32 i = 0; i + 2 < len; i += 3) {
        u32 v = (u32)in[i] << 16 | (u32)in[i + 1] << 8 | in[i + 2];
        out[o++] = (u8)alphabet[v >> 18];
        out[o++] = (u8)alphabet[(v >> 12) & 63];
        out[o++] = (u8)alphabet[(v >> 6) & 63];
        out[o++] = (u8)alphabet[v & 63];
    }
    return o;
}

static NOINLINE s32 decode(const u8 *in, s32 len, u8 *out) {
    s32 o = 0;
    for (s32 i = 0; i + 3 < len; i += 4) {
        u8 a = values[in[i]], b = values[in[i + 1]], c = values[in[i + 2]], d = values[in[i + 3]];
        if ((a | b | c | d) & 0x80) return -1;
        u32 v = (u32)a << 18 | (u32)b << 12 | (u32)c << 6 | d;
        out[o++] = (u8)(v >> 16);
        out[o++] = (u8)(v >> 8);
        out[o++] = (u8)v;
    }
    return o;
}

EXPORT s64 run(s32 n) {
    u32 s = 4242;
    for (s32 i = 0; i < 256; i++) values[i] = 0xff;
    for (s32 i = 0; i < 64; i++) values[(u8)alphabet[i]] = (u8)i;
    u64 h = 1;
    for (s32 r = 0; r < n; r++) {
        if ((r & 15) == 0) fill(&s);
        s32 len = N - 64 - (r & 31);
        while ((text[len] & 0xc0) == 0x80) len--;
        s32 chars = count(text, len);
        s32 e = encode(text, len, coded);
        s32 d = decode(coded, e, back);
        s32 sum = 0;
        for (s32 i = 0; i < d; i++) sum += back[i] ^ (i & 15);
        h = mix(h, (u64)(u32)chars << 32 | (u32)(e * 3 + d + sum));
    }
    return (s64)h;
}
