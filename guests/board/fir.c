/* A finite impulse response filter: 32 taps in floats over blocks of 64 samples, with a history that moves on. */
#include "../bench/kernel.h"

#define TAPS 32
#define BLOCK 64
static float taps[TAPS];
static float history[TAPS - 1 + BLOCK];
static float out[BLOCK];

static NOINLINE void filter(void) {
    for (s32 i = 0; i < BLOCK; i++) {
        float sum = 0;
        for (s32 k = 0; k < TAPS; k++) sum += taps[k] * history[i + k];
        out[i] = sum;
    }
    for (s32 i = 0; i < TAPS - 1; i++) history[i] = history[BLOCK + i];
}

EXPORT s64 run(s32 n) {
    for (s32 k = 0; k < TAPS; k++) taps[k] = (float)(k < TAPS / 2 ? k : TAPS - k) * (1.0f / 256);
    for (s32 i = 0; i < TAPS - 1; i++) history[i] = 0;
    u32 s = 1, h = 0;
    for (s32 r = 0; r < n; r++) {
        for (s32 i = 0; i < BLOCK; i++) history[TAPS - 1 + i] = (float)((s32)(next_random(&s) >> 20) - 2048);
        filter();
        for (s32 i = 0; i < BLOCK; i++) h = h * 31 + (u32)(s32)out[i];
    }
    return h;
}
