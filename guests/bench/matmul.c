/* Memory-bound floating point: dense matrix product, rows by columns through a transposed copy, and axpy order. */
#include "kernel.h"

#define N 192
static double a[N][N], b[N][N], c[N][N];
static float fa[N][N], fb[N][N], fc[N][N];

EXPORT s64 run(s32 n) {
    u32 s = 7;
    for (s32 i = 0; i < N; i++)
        for (s32 j = 0; j < N; j++) {
            a[i][j] = (double)(next_random(&s) & 1023) / 64.0;
            b[i][j] = (double)(next_random(&s) & 1023) / 64.0;
            fa[i][j] = (float)a[i][j];
            fb[i][j] = (float)b[i][j];
        }
    u64 h = 1;
    for (s32 r = 0; r < n; r++) {
        for (s32 i = 0; i < N; i++)
            for (s32 j = 0; j < N; j++) {
                double sum = 0;
                for (s32 k = 0; k < N; k++) sum += a[i][k] * b[j][k];
                c[i][j] = sum;
            }
        for (s32 i = 0; i < N; i++) {
            for (s32 j = 0; j < N; j++) fc[i][j] = 0;
            for (s32 k = 0; k < N; k++) {
                float x = fa[i][k];
                for (s32 j = 0; j < N; j++) fc[i][j] += x * fb[k][j];
            }
        }
        h = mix(h, bits_of(c[r % N][(r * 7) % N] + (double)fc[(r * 5) % N][r % N]));
        a[r % N][(r * 3) % N] += 1.0;
        fa[r % N][(r * 3) % N] += 1.0f;
    }
    return (s64)h;
}
