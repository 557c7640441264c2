/* Floating point with an unpredictable exit: escape times over a grid. */
#include "kernel.h"

EXPORT s64 run(s32 n) {
    u64 h = 1;
    for (s32 y = 0; y < n; y++) {
        double ci = 2.0 * y / n - 1.0;
        u32 row = 0;
        for (s32 x = 0; x < n; x++) {
            double cr = 3.0 * x / n - 2.0, zr = 0, zi = 0;
            s32 k = 0;
            while (k < 200) {
                double r2 = zr * zr, i2 = zi * zi;
                if (r2 + i2 > 4.0) break;
                zi = 2 * zr * zi + ci;
                zr = r2 - i2 + cr;
                k++;
            }
            row = row * 31 + (u32)k;
        }
        h = mix(h, row);
    }
    return (s64)h;
}
