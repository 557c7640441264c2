/* A WASI command that exercises a libc and prints a checksum for each part: sorting, matrices, strings, numbers and
 * their text, the heap, recursion, and 64-bit arithmetic. */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t sum;

static void add(const void *data, size_t size) {
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++) sum = (sum ^ p[i]) * 0x100000001b3u;
}

static void addf(const char *format, ...) {
    char text[256];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    add(text, (size_t)n);
}

static uint32_t seed;
static uint32_t next(void) { return seed = seed * 1664525u + 1013904223u; }

typedef struct {
    char name[12];
    int32_t rank;
    double weight;
} Record;

static int by_name(const void *a, const void *b) { return strcmp(((const Record *)a)->name, ((const Record *)b)->name); }
static int by_weight(const void *a, const void *b) {
    double x = ((const Record *)a)->weight, y = ((const Record *)b)->weight;
    return x < y ? -1 : x > y ? 1 : ((const Record *)a)->rank - ((const Record *)b)->rank;
}

static void sorting(void) {
    static Record records[500];
    for (int i = 0; i < 500; i++) {
        snprintf(records[i].name, sizeof records[i].name, "n%08x", (unsigned)next());
        records[i].rank = i;
        records[i].weight = (double)(next() >> 20) / 16.0;
    }
    qsort(records, 500, sizeof *records, by_weight);
    add(records, sizeof records);
    qsort(records, 500, sizeof *records, by_name);
    add(records, sizeof records);
    Record key = records[123];
    addf("%td", (Record *)bsearch(&key, records, 500, sizeof *records, by_name) - records);
}

static void matrices(void) {
    static double a[24][24], b[24][24], c[24][24];
    for (int i = 0; i < 24; i++)
        for (int j = 0; j < 24; j++) {
            a[i][j] = (i * 7 + j * 3) % 11 - 5.0 + (i == j) * 30.0;
            b[i][j] = i == j;
        }
    for (int i = 0; i < 24; i++) { /* b becomes the inverse of a, by Gauss and Jordan */
        for (int j = 0; j < 24; j++) memcpy(c[j], a[j], sizeof c[j]);
        double d = a[i][i];
        for (int j = 0; j < 24; j++) a[i][j] /= d, b[i][j] /= d;
        for (int k = 0; k < 24; k++)
            if (k != i) {
                double f = a[k][i];
                for (int j = 0; j < 24; j++) a[k][j] -= f * a[i][j], b[k][j] -= f * b[i][j];
            }
    }
    add(b, sizeof b);
    addf("%.12g %.12g", b[3][4], sqrt(fabs(b[23][0])));
}

static void strings(void) {
    char text[] = "one,two;three four,five;;six", *words[8];
    int n = 0;
    for (char *w = strtok(text, ",; "); w; w = strtok(NULL, ",; ")) words[n++] = w;
    for (int i = 0; i < n; i++) addf("%d:%s:%zu ", i, words[i], strlen(words[i]));
    addf("%d %d", strncmp("abc", "abd", 2), memcmp("abc", "abd", 3) < 0);
    addf("%s %s", strstr("a needle in hay", "needle"), strrchr("/usr/lib/x", '/'));
    char big[4096];
    memset(big, 'x', sizeof big);
    memmove(big + 100, big + 50, 2000);
    memmove(big + 10, big + 300, 3000);
    big[sizeof big - 1] = 0;
    add(big, strlen(big));
}

static void numbers(void) {
    static const char *const texts[] = {"0", "-1.5e3", "1e308", "4.9e-324", "0x1.8p3", "inf", "123456789.123456789", "1e-400"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double d = strtod(texts[i], NULL);
        add(&d, sizeof d);
        addf("%g %.15e %a", d, d, d);
    }
    addf("%ld %lu %lld", strtol("-7fz", NULL, 16), strtoul("777", NULL, 8), strtoll("-9223372036854775808", NULL, 10));
    for (int i = 0; i < 64; i++) {
        double x = ldexp(1.0 + i / 64.0, i - 32);
        addf("%.17g %.17g %.3f", floor(x), fmod(x, 3.0), (double)(float)x);
    }
}

static void heap(void) {
    void *blocks[64] = {0};
    for (int i = 0; i < 2000; i++) {
        int k = (int)(next() >> 8) & 63;
        size_t size = 1 + (next() >> 8) % 5000;
        blocks[k] = realloc(blocks[k], size);
        if (!blocks[k]) abort();
        memset(blocks[k], k, size);
        add(blocks[k], 1);
        if (i % 5 == 0) {
            free(blocks[(k + 7) & 63]);
            blocks[(k + 7) & 63] = NULL;
        }
    }
    for (int k = 0; k < 64; k++) free(blocks[k]);
}

static unsigned long long ways(int n, int left, const int *coins, int kinds) {
    if (left == 0) return 1;
    if (n == kinds || left < 0) return 0;
    return ways(n, left - coins[n], coins, kinds) + ways(n + 1, left, coins, kinds);
}

static void wide(void) {
    int coins[] = {1, 2, 5, 10, 20, 50};
    addf("%llu", ways(0, 60, coins, 6));
    uint64_t x = 0x0123456789abcdefu;
    int64_t y = -987654321987654321;
    for (int i = 1; i < 100; i++) {
        x = x * 6364136223846793005u + (uint64_t)i;
        y += (int64_t)(x >> (i % 60)) / i - y % (i * 1000003LL);
        addf("%llx %lld %d %d", (unsigned long long)x, (long long)y, __builtin_clzll(x | 1), __builtin_popcountll(x));
    }
}

int main(void) {
    static const struct {
        const char *name;
        void (*run)(void);
    } parts[] = {{"sorting", sorting}, {"matrices", matrices}, {"strings", strings},
                 {"numbers", numbers}, {"heap", heap},         {"wide", wide}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        sum = 0xcbf29ce484222325u;
        seed = 1;
        parts[i].run();
        printf("%s %016llx\n", parts[i].name, (unsigned long long)sum);
    }
    return 0;
}
