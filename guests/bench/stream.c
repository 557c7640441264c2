/* Memory-bound: the STREAM kernels over arrays larger than a second-level cache, and block copies and fills. */
#include "kernel.h"

#define N 262144
static double a[N], b[N], c[N];

EXPORT s64 run(s32 n) {
    for (s32 i = 0; i < N; i++) {
        a[i] = i & 255;
        b[i] = 2;
        c[i] = 0;
    }
    u64 h = 1;
    for (s32 r = 0; r < n; r++) {
        double q = (r & 3) + 1;
        for (s32 i = 0; i < N; i++) c[i] = a[i];
        for (s32 i = 0; i < N; i++) b[i] = q * c[i];
        for (s32 i = 0; i < N; i++) c[i] = a[i] + b[i];
        for (s32 i = 0; i < N; i++) a[i] = (b[i] + q * c[i]) * 0.125;
        __builtin_memcpy(b, a + (r & 1023), (N - 1024) * sizeof(double));
        __builtin_memset(c + (r & 511), r, 65536);
        h = mix(h, bits_of(a[(r * 977) & (N - 1)] + b[(r * 31) & (N - 1)] + (double)(((u8 *)c)[8192 + r % 4096])));
    }
    return (s64)h;
}
