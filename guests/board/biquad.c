/* Four second-order sections in series, in Q15 fixed point with 32-bit sums: an equalizer on 16-bit samples. */
#include "../bench/kernel.h"

#define SECTIONS 4
struct section {
    short b0, b1, b2, a1, a2;
    short x1, x2, y1, y2;
};
static struct section sections[SECTIONS];

static short saturate(s32 v) {
    return (short)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
}

static NOINLINE short step(struct section *s, short x) {
    s32 sum = s->b0 * x + s->b1 * s->x1 + s->b2 * s->x2 - s->a1 * s->y1 - s->a2 * s->y2;
    short y = saturate(sum >> 14);
    s->x2 = s->x1;
    s->x1 = x;
    s->y2 = s->y1;
    s->y1 = y;
    return y;
}

EXPORT s64 run(s32 n) {
    for (s32 i = 0; i < SECTIONS; i++)
        sections[i] = (struct section){(short)(4000 + 100 * i), (short)(7000 - 50 * i), 3900, -12000, (short)(5000 + i), 0, 0, 0, 0};
    u32 s = 7, h = 0;
    for (s32 r = 0; r < n * 64; r++) {
        short x = (short)((s32)(next_random(&s) >> 18) - 8192);
        for (s32 i = 0; i < SECTIONS; i++) x = step(&sections[i], x);
        h = h * 31 + (u32)x;
    }
    return h;
}
