/* A parser of lines such as `$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9*47`: fields, numbers in fixed point,
 * checksum in hexadecimal; and the printer of such lines. */
#include "../bench/kernel.h"

struct fix {
    u32 time, satellites;
    s32 latitude, longitude, dilution;
};
static char line[96];
static u32 errors;

static char *digits(char *p, u32 v, s32 width) {
    for (s32 i = width; i--;) {
        p[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return p + width;
}

static NOINLINE s32 print(const struct fix *f) {
    char *p = line;
    for (const char *t = "$GPGGA,"; *t;) *p++ = *t++;
    p = digits(p, f->time, 6);
    *p++ = ',';
    p = digits(p, (u32)f->latitude / 1000, 4);
    *p++ = '.';
    p = digits(p, (u32)f->latitude % 1000, 3);
    for (const char *t = ",N,"; *t;) *p++ = *t++;
    p = digits(p, (u32)f->longitude / 1000, 5);
    *p++ = '.';
    p = digits(p, (u32)f->longitude % 1000, 3);
    for (const char *t = ",E,1,"; *t;) *p++ = *t++;
    p = digits(p, f->satellites, 2);
    *p++ = ',';
    *p++ = (char)('0' + f->dilution / 10);
    *p++ = '.';
    *p++ = (char)('0' + f->dilution % 10);
    u8 sum = 0;
    for (char *t = line + 1; t < p; t++) sum ^= (u8)*t;
    *p++ = '*';
    *p++ = "0123456789ABCDEF"[sum >> 4];
    *p++ = "0123456789ABCDEF"[sum & 15];
    *p = 0;
    return (s32)(p - line);
}

static const char *number(const char *p, s32 places, s32 *out) {
    s32 v = 0, negative = 0;
    if (*p == '-') {
        negative = 1;
        p++;
    }
    while (*p >= '0' && *p <= '9') v = v * 10 + (*p++ - '0');
    if (*p == '.') p++;
    while (places--) v = v * 10 + (*p >= '0' && *p <= '9' ? *p++ - '0' : 0);
    while (*p && *p != ',' && *p != '*') p++;
    *out = negative ? -v : v;
    return *p == ',' ? p + 1 : p;
}

static s32 hexadecimal(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static NOINLINE s32 parse(const char *p, struct fix *f) {
    if (*p++ != '$') return 0;
    u8 sum = 0;
    const char *end = p;
    while (*end && *end != '*') sum ^= (u8)*end++;
    if (*end != '*' || hexadecimal(end[1]) < 0 || hexadecimal(end[2]) < 0) return 0;
    if (hexadecimal(end[1]) * 16 + hexadecimal(end[2]) != sum) return 0;
    for (const char *t = "GPGGA,"; *t; t++, p++)
        if (*p != *t) return 0;
    s32 ignored;
    p = number(p, 0, (s32 *)&f->time);
    p = number(p, 3, &f->latitude);
    if (*p != 'N') return 0;
    p = number(p + 2, 3, &f->longitude);
    if (*p != 'E') return 0;
    p = number(p + 2, 0, &ignored);
    p = number(p, 0, (s32 *)&f->satellites);
    number(p, 1, &f->dilution);
    return 1;
}

EXPORT s64 run(s32 n) {
    u32 s = 17, h = 0;
    errors = 0;
    for (s32 r = 0; r < n; r++) {
        struct fix f = {next_random(&s) % 240000, next_random(&s) % 20, (s32)(next_random(&s) % 9000000),
                        (s32)(next_random(&s) % 18000000), (s32)(next_random(&s) % 100)};
        struct fix g = {0, 0, 0, 0, 0};
        s32 length = print(&f);
        if (r % 7 == 0) line[next_random(&s) % (u32)length] ^= 1;
        if (parse(line, &g))
            h = h * 31 + g.time + (u32)g.latitude + (u32)g.longitude + g.satellites + (u32)g.dilution;
        else
            errors++;
    }
    return h * 31 + errors;
}
