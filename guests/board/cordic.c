/* Fixed-point mathematics: sine and cosine by CORDIC, an angle by CORDIC, square roots and a logarithm, in Q16. */
#include "../bench/kernel.h"

static const s32 angles[16] = {51472, 30386, 16055, 8150, 4091, 2047, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2};

static NOINLINE void rotate(s32 angle, s32 *cosine, s32 *sine) {
    s32 x = 39797, y = 0;
    for (s32 i = 0; i < 16; i++) {
        s32 dx = x >> i, dy = y >> i;
        if (angle >= 0) {
            x -= dy;
            y += dx;
            angle -= angles[i];
        } else {
            x += dy;
            y -= dx;
            angle += angles[i];
        }
    }
    *cosine = x;
    *sine = y;
}

static NOINLINE s32 angle_of(s32 x, s32 y) {
    s32 angle = 0;
    for (s32 i = 0; i < 16; i++) {
        s32 dx = x >> i, dy = y >> i;
        if (y < 0) {
            x -= dy;
            y += dx;
            angle -= angles[i];
        } else {
            x += dy;
            y -= dx;
            angle += angles[i];
        }
    }
    return angle;
}

static NOINLINE u32 root(u32 v) {
    u32 r = 0, bit = 1u << 30;
    while (bit > v) bit >>= 2;
    while (bit) {
        if (v >= r + bit) {
            v -= r + bit;
            r = (r >> 1) + bit;
        } else {
            r >>= 1;
        }
        bit >>= 2;
    }
    return r;
}

static NOINLINE s32 log2_q16(u32 v) {
    s32 whole = 31 - __builtin_clz(v | 1);
    u32 m = v << (31 - whole), fraction = 0;
    for (s32 i = 0; i < 16; i++) {
        u64 square = (u64)m * m;
        m = (u32)(square >> 31);
        fraction <<= 1;
        if (square >> 63) {
            m = (u32)(square >> 32);
            fraction |= 1;
        }
    }
    return whole << 16 | (s32)fraction;
}

EXPORT s64 run(s32 n) {
    u32 s = 13, h = 0;
    for (s32 r = 0; r < n * 4; r++) {
        s32 c, d;
        rotate((s32)(next_random(&s) % 205887) - 102943, &c, &d);
        h = h * 31 + (u32)c + (u32)d;
        h = h * 31 + (u32)angle_of((c < 0 ? -c : c) + 1, d);
        h = h * 31 + root(next_random(&s));
        h = h * 31 + (u32)log2_q16(next_random(&s) >> (r & 15));
    }
    return h;
}
