/* Mathematics in floats, as an attitude filter does it: sine by polynomial, reciprocal square root by Newton,
 * quaternions turned by rates and made unit again. */
#include "../bench/kernel.h"

static float q[4];

static float absolute(float x) {
    return x < 0 ? -x : x;
}

static NOINLINE float sine(float x) {
    float turns = x * 0.15915494f;
    turns -= (float)(s32)(turns + (turns < 0 ? -0.5f : 0.5f));
    float t = turns * (8.0f - 16.0f * absolute(turns));
    return 0.225f * (t * absolute(t) - t) + t;
}

static NOINLINE float inverse_root(float x) {
    u32 i;
    __builtin_memcpy(&i, &x, 4);
    i = 0x5f3759df - (i >> 1);
    float y;
    __builtin_memcpy(&y, &i, 4);
    y *= 1.5f - 0.5f * x * y * y;
    return y * (1.5f - 0.5f * x * y * y);
}

static NOINLINE void turn(float gx, float gy, float gz, float dt) {
    float a = q[0], b = q[1], c = q[2], d = q[3], half = 0.5f * dt;
    q[0] += half * (-b * gx - c * gy - d * gz);
    q[1] += half * (a * gx + c * gz - d * gy);
    q[2] += half * (a * gy - b * gz + d * gx);
    q[3] += half * (a * gz + b * gy - c * gx);
    float scale = inverse_root(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
    for (s32 i = 0; i < 4; i++) q[i] *= scale;
}

EXPORT s64 run(s32 n) {
    q[0] = 1;
    q[1] = q[2] = q[3] = 0;
    u32 h = 0;
    float t = 0;
    for (s32 r = 0; r < n * 16; r++) {
        turn(sine(t), sine(t * 0.7f + 1), sine(t * 1.3f + 2), 0.01f);
        t += 0.03f;
        if (t > 600) t -= 600;
        for (s32 i = 0; i < 4; i++) h = h * 31 + (u32)(s32)(q[i] * 4096);
    }
    return h;
}
