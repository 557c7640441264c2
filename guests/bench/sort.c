/* Sorting: quicksort and heapsort of words, branches that cannot be foreseen. */
#include "kernel.h"

#define N 50000
static u32 v[N];

static void insertion(u32 *a, s32 n) {
    for (s32 i = 1; i < n; i++) {
        u32 x = a[i];
        s32 j = i;
        for (; j > 0 && a[j - 1] > x; j--) a[j] = a[j - 1];
        a[j] = x;
    }
}

static void quick(u32 *a, s32 n) {
    while (n > 16) {
        u32 x = a[0], y = a[n / 2], z = a[n - 1];
        u32 pivot = x < y ? (y < z ? y : x < z ? z : x) : (x < z ? x : y < z ? z : y);
        s32 i = 0, j = n - 1;
        for (;;) {
            while (a[i] < pivot) i++;
            while (a[j] > pivot) j--;
            if (i >= j) break;
            u32 t = a[i];
            a[i++] = a[j];
            a[j--] = t;
        }
        s32 left = j + 1;
        if (left < n - left) {
            quick(a, left);
            a += left;
            n -= left;
        } else {
            quick(a + left, n - left);
            n = left;
        }
    }
    insertion(a, n);
}

static void sift(u32 *a, s32 i, s32 n) {
    u32 x = a[i];
    for (;;) {
        s32 c = 2 * i + 1;
        if (c >= n) break;
        if (c + 1 < n && a[c] < a[c + 1]) c++;
        if (a[c] <= x) break;
        a[i] = a[c];
        i = c;
    }
    a[i] = x;
}

static void heap(u32 *a, s32 n) {
    for (s32 i = n / 2 - 1; i >= 0; i--) sift(a, i, n);
    for (s32 i = n - 1; i > 0; i--) {
        u32 t = a[0];
        a[0] = a[i];
        a[i] = t;
        sift(a, 0, i);
    }
}

EXPORT s64 run(s32 n) {
    u32 s = 31337;
    u64 h = 1;
    for (s32 r = 0; r < n; r++) {
        for (s32 i = 0; i < N; i++) v[i] = next_random(&s);
        if (r & 1) heap(v, N);
        else quick(v, N);
        for (s32 i = 1; i < N; i++)
            if (v[i - 1] > v[i]) return -1;
        h = mix(h, v[(r * 997) % N]);
    }
    return (s64)h;
}
