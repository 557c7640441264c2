/* String search: Horspool, a plain scan that starts with the first byte, and Levenshtein distance of the words found. */
#include "kernel.h"

#define N 65536
static u8 text[N];
static s32 row[64];

static NOINLINE s32 horspool(const u8 *t, s32 n, const u8 *p, s32 m) {
    s32 skip[256], found = 0;
    for (s32 i = 0; i < 256; i++) skip[i] = m;
    for (s32 i = 0; i < m - 1; i++) skip[p[i]] = m - 1 - i;
    for (s32 i = 0; i + m <= n; i += skip[t[i + m - 1]]) {
        s32 j = m - 1;
        while (j >= 0 && t[i + j] == p[j]) j--;
        if (j < 0) found++;
    }
    return found;
}

static NOINLINE s32 plain(const u8 *t, s32 n, const u8 *p, s32 m) {
    s32 found = 0;
    for (s32 i = 0; i + m <= n; i++) {
        if (t[i] != p[0]) continue;
        s32 j = 1;
        while (j < m && t[i + j] == p[j]) j++;
        if (j == m) found++;
    }
    return found;
}

static NOINLINE s32 distance(const u8 *a, s32 n, const u8 *b, s32 m) {
    for (s32 j = 0; j <= m; j++) row[j] = j;
    for (s32 i = 1; i <= n; i++) {
        s32 diagonal = row[0];
        row[0] = i;
        for (s32 j = 1; j <= m; j++) {
            s32 best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[m];
}

EXPORT s64 run(s32 n) {
    static const char *const words[8] = {"the ", "quick ", "brown ", "fox ", "jumps ", "over ", "a lazy ", "dog. "};
    u32 s = 2024;
    s32 len = 0;
    while (len < N - 8)
        for (const char *w = words[next_random(&s) & 7]; *w; w++) text[len++] = (u8)*w;
    u64 h = 1;
    for (s32 r = 0; r < n; r++) {
        s32 m = 4 + (r & 15);
        const u8 *pattern = text + (next_random(&s) % (u32)(len - 64));
        s32 a = horspool(text, len, pattern, m);
        s32 b = plain(text, len, pattern, m);
        if (a != b) return -1;
        s32 d = 0;
        for (s32 i = 0; i < 20; i++) d += distance(pattern, 24, text + (next_random(&s) % (u32)(len - 64)), 32);
        h = mix(h, (u64)(u32)a << 32 | (u32)d);
    }
    return (s64)h;
}
