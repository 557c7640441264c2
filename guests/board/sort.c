/* Shell sort of records by key, a median of windows by insertion, and a binary search, on small arrays. */
#include "../bench/kernel.h"

#define COUNT 128
struct record {
    u16 key;
    u16 value;
};
static struct record records[COUNT];
static u16 window[9];

static NOINLINE void sort(struct record *r, s32 n) {
    static const s32 gaps[] = {57, 23, 10, 4, 1};
    for (s32 g = 0; g < 5; g++) {
        s32 gap = gaps[g];
        for (s32 i = gap; i < n; i++) {
            struct record x = r[i];
            s32 j = i;
            for (; j >= gap && r[j - gap].key > x.key; j -= gap) r[j] = r[j - gap];
            r[j] = x;
        }
    }
}

static NOINLINE u16 median(const struct record *r, s32 at) {
    for (s32 i = 0; i < 9; i++) {
        u16 v = r[(at + i) & (COUNT - 1)].value;
        s32 j = i;
        for (; j > 0 && window[j - 1] > v; j--) window[j] = window[j - 1];
        window[j] = v;
    }
    return window[4];
}

static NOINLINE s32 find(const struct record *r, s32 n, u16 key) {
    s32 low = 0, high = n;
    while (low < high) {
        s32 mid = (low + high) / 2;
        if (r[mid].key < key) low = mid + 1;
        else high = mid;
    }
    return low;
}

EXPORT s64 run(s32 n) {
    u32 s = 19, h = 0;
    for (s32 r = 0; r < n; r++) {
        for (s32 i = 0; i < COUNT; i++) records[i] = (struct record){(u16)next_random(&s), (u16)(next_random(&s) >> 16)};
        for (s32 i = 0; i < COUNT; i += 8) h = h * 31 + median(records, i);
        sort(records, COUNT);
        for (s32 i = 0; i < 32; i++) h = h * 31 + (u32)find(records, COUNT, (u16)next_random(&s));
    }
    return h;
}
