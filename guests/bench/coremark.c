/* In the manner of CoreMark: a linked list is searched, reversed and merge-sorted, small integer matrices are
 * multiplied, a state machine scans numbers, and a CRC-16 ties the parts together. Written anew; not the EEMBC source. */
#include "kernel.h"

static u16 crc16(u16 crc, u32 v) {
    for (s32 i = 0; i < 16; i++) {
        u32 bit = (v ^ crc) & 1;
        crc >>= 1;
        if (bit) crc ^= 0xa001;
        v >>= 1;
    }
    return crc;
}

typedef struct Node {
    struct Node *next;
    s32 key, value;
} Node;

#define NODES 256
static Node nodes[NODES];

static Node *build(u32 *s) {
    for (s32 i = 0; i < NODES; i++) {
        nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : 0;
        nodes[i].key = (s32)(next_random(s) & 0x7fff);
        nodes[i].value = i;
    }
    return nodes;
}

static NOINLINE Node *find(Node *l, s32 key) {
    while (l && (l->key & 0xff) != key) l = l->next;
    return l;
}

static NOINLINE Node *reverse(Node *l) {
    Node *out = 0;
    while (l) {
        Node *next = l->next;
        l->next = out;
        out = l;
        l = next;
    }
    return out;
}

typedef s32 (*Compare)(const Node *, const Node *);
static s32 by_key(const Node *a, const Node *b) { return a->key - b->key; }
static s32 by_value(const Node *a, const Node *b) { return a->value - b->value; }

static NOINLINE Node *merge_sort(Node *list, Compare compare) {
    for (s32 width = 1;; width *= 2) {
        Node *p = list, *tail = 0;
        s32 merges = 0;
        list = 0;
        while (p) {
            merges++;
            Node *q = p;
            s32 left = 0, right = width;
            while (q && left < width) {
                left++;
                q = q->next;
            }
            while (left > 0 || (right > 0 && q)) {
                Node *e;
                if (left > 0 && (right == 0 || !q || compare(p, q) <= 0)) {
                    e = p;
                    p = p->next;
                    left--;
                } else {
                    e = q;
                    q = q->next;
                    right--;
                }
                if (tail) tail->next = e;
                else list = e;
                tail = e;
            }
            p = q;
        }
        if (tail) tail->next = 0;
        if (merges <= 1) return list;
    }
}

#define M 20
static short ma[M][M], mb[M][M];
static s32 mc[M][M];

static NOINLINE u16 matrices(s32 seed, u16 crc) {
    for (s32 i = 0; i < M; i++)
        for (s32 j = 0; j < M; j++) {
            ma[i][j] = (short)((seed + i * j) % 127);
            mb[i][j] = (short)((seed * 3 + i + j) % 61);
        }
    for (s32 i = 0; i < M; i++)
        for (s32 j = 0; j < M; j++) {
            s32 sum = 0;
            for (s32 k = 0; k < M; k++) sum += ma[i][k] * mb[k][j];
            mc[i][j] = sum;
        }
    s32 acc = 0, last = 0;
    for (s32 i = 0; i < M; i++)
        for (s32 j = 0; j < M; j++) {
            s32 x = mc[i][j];
            acc += x > last ? 10 : ((x >> 2) & 15) * ((x >> 5) & 127);
            last = x;
        }
    return crc16(crc, (u32)acc);
}

typedef enum { START, INVALID, SIGN, INTEGER, FLOAT, EXPONENT, SCIENTIFIC, STATES } State;
static const char numbers[] =
    "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.500e+3,-.123e-2,-87e+832,+0.6e-12,"
    "T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^,7,0,99999,-1,";

static State scan(const char **cursor, u32 *transitions) {
    State state = START;
    const char *p = *cursor;
    for (; *p; p++) {
        char c = *p;
        if (c == ',') {
            p++;
            break;
        }
        s32 digit = c >= '0' && c <= '9';
        State old = state;
        switch (state) {
        case START: state = digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? FLOAT : INVALID; break;
        case SIGN: state = digit ? INTEGER : c == '.' ? FLOAT : INVALID; break;
        case INTEGER: state = digit ? INTEGER : c == '.' ? FLOAT : c == 'e' ? EXPONENT : INVALID; break;
        case FLOAT: state = digit ? FLOAT : c == 'e' || c == 'E' ? EXPONENT : INVALID; break;
        case EXPONENT: state = digit || c == '+' || c == '-' ? SCIENTIFIC : INVALID; break;
        case SCIENTIFIC: state = digit ? SCIENTIFIC : INVALID; break;
        default: break;
        }
        if (state != old) transitions[old]++;
    }
    *cursor = p;
    return state;
}

static NOINLINE u16 machine(u16 crc) {
    u32 final[STATES] = {0}, transitions[STATES] = {0};
    for (const char *p = numbers; *p;) final[scan(&p, transitions)]++;
    for (s32 i = 0; i < STATES; i++) crc = crc16(crc16(crc, final[i]), transitions[i]);
    return crc;
}

EXPORT s64 run(s32 n) {
    u32 s = 0x3415;
    u64 h = 1;
    for (s32 r = 0; r < n; r++) {
        u16 crc = (u16)r;
        Node *list = build(&s);
        for (s32 i = 0; i < 32; i++) {
            Node *hit = find(list, (s32)(next_random(&s) & 0xff));
            if (hit) crc = crc16(crc, (u32)hit->value);
            list = reverse(list);
        }
        list = merge_sort(list, by_key);
        for (Node *p = list; p; p = p->next) crc = crc16(crc, (u32)p->key);
        list = merge_sort(list, by_value);
        crc = crc16(crc, (u32)list->key);
        for (s32 i = 0; i < 4; i++) {
            crc = matrices(r + i, crc);
            crc = machine(crc);
        }
        h = mix(h, crc);
    }
    return (s64)h;
}
