/* AES-128 as small devices have it: a byte table for the substitution, columns mixed by shifts; in counter mode. */
#include "../bench/kernel.h"

static u8 box[256];
static u8 keys[176];

static u8 twice(u8 v) {
    return (u8)(v << 1 ^ (v >> 7) * 0x1b);
}

static void make_box(void) {
    u8 p = 1, q = 1;
    do {
        p = (u8)(p ^ twice(p));
        q ^= (u8)(q << 1);
        q ^= (u8)(q << 2);
        q ^= (u8)(q << 4);
        if (q & 0x80) q ^= 9;
        u8 x = (u8)(q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4));
        box[p] = x ^ 0x63;
    } while (p != 1);
    box[0] = 0x63;
}

static NOINLINE void expand(const u8 *key) {
    for (s32 i = 0; i < 16; i++) keys[i] = key[i];
    u8 round = 1;
    for (s32 i = 16; i < 176; i += 4) {
        u8 t[4];
        for (s32 j = 0; j < 4; j++) t[j] = keys[i - 4 + j];
        if (i % 16 == 0) {
            u8 first = t[0];
            t[0] = box[t[1]] ^ round;
            t[1] = box[t[2]];
            t[2] = box[t[3]];
            t[3] = box[first];
            round = twice(round);
        }
        for (s32 j = 0; j < 4; j++) keys[i + j] = keys[i - 16 + j] ^ t[j];
    }
}

static NOINLINE void encrypt(u8 *state) {
    u8 t[16];
    for (s32 i = 0; i < 16; i++) state[i] ^= keys[i];
    for (s32 round = 1; round <= 10; round++) {
        for (s32 i = 0; i < 16; i++) t[i] = box[state[(i * 5) & 15]];
        const u8 *key = keys + 16 * round;
        for (s32 c = 0; c < 16; c += 4) {
            u8 *s = t + c;
            if (round < 10) {
                u8 all = s[0] ^ s[1] ^ s[2] ^ s[3], first = s[0];
                for (s32 j = 0; j < 3; j++) state[c + j] = (u8)(s[j] ^ all ^ twice(s[j] ^ s[j + 1]) ^ key[c + j]);
                state[c + 3] = (u8)(s[3] ^ all ^ twice(s[3] ^ first) ^ key[c + 3]);
            } else {
                for (s32 j = 0; j < 4; j++) state[c + j] = s[j] ^ key[c + j];
            }
        }
    }
}

EXPORT s64 run(s32 n) {
    make_box();
    u8 key[16], block[16];
    u32 s = 23, h = 0;
    for (s32 i = 0; i < 16; i++) key[i] = (u8)next_random(&s);
    expand(key);
    for (s32 r = 0; r < n; r++) {
        for (s32 i = 0; i < 16; i++) block[i] = (u8)(i < 12 ? 0 : r >> (8 * (15 - i)));
        encrypt(block);
        for (s32 i = 0; i < 16; i++) h = h * 31 + block[i];
    }
    return h;
}
