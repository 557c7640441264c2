/* The block format of LZ4: sequences of a token, literals, a two-byte offset back and a match of four bytes or more.
 * The last five bytes are always literals, and no match starts within the last twelve. */
#include "lz4.h"

#define EXPORT(name) __attribute__((export_name(#name)))
#define MIN_MATCH 4u
#define LAST_LITERALS 5u
#define MATCH_LIMIT 12u
#define MAX_OFFSET 65535u
#define HASH_BITS 13

static uint32_t positions[1u << HASH_BITS]; /* position + 1 of the last occurrence; 0 is none */

static uint32_t read32(const uint8_t *p) {
    uint32_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t hash(uint32_t v) { return v * 2654435761u >> (32 - HASH_BITS); }

EXPORT(lz4_bound) uint32_t lz4_bound(uint32_t size) { return size > 0x7e000000u ? 0 : size + size / 255 + 16; }

/* What is written so far, and how far writing may go. */
typedef struct {
    uint8_t *at, *end;
} Out;

static int put_length(Out *out, uint32_t rest) {
    for (; rest >= 255; rest -= 255) {
        if (out->at == out->end) return 0;
        *out->at++ = 255;
    }
    if (out->at == out->end) return 0;
    *out->at++ = (uint8_t)rest;
    return 1;
}

/* One sequence; `match` is 0 for the last, which has literals alone. */
static int put_sequence(Out *out, const uint8_t *literals, uint32_t count, uint32_t offset, uint32_t match) {
    if (out->at == out->end) return 0;
    uint8_t *token = out->at++;
    uint32_t extra = match ? match - MIN_MATCH : 0;
    *token = (uint8_t)((count < 15 ? count : 15) << 4 | (extra < 15 ? extra : 15));
    if (count >= 15 && !put_length(out, count - 15)) return 0;
    if ((uint32_t)(out->end - out->at) < count) return 0;
    __builtin_memcpy(out->at, literals, count);
    out->at += count;
    if (!match) return 1;
    if (out->end - out->at < 2) return 0;
    *out->at++ = (uint8_t)offset;
    *out->at++ = (uint8_t)(offset >> 8);
    return extra < 15 || put_length(out, extra - 15);
}

EXPORT(lz4_compress)
int32_t lz4_compress(const uint8_t *source, uint32_t size, uint8_t *target, uint32_t capacity) {
    if (size > 0x7e000000u) return -1;
    Out out = {target, target + capacity};
    uint32_t anchor = 0, at = 0, misses = 0;
    __builtin_memset(positions, 0, sizeof positions);
    while (size > MATCH_LIMIT && at < size - MATCH_LIMIT) {
        uint32_t word = read32(source + at);
        uint32_t *slot = &positions[hash(word)];
        uint32_t candidate = *slot;
        *slot = at + 1;
        if (candidate == 0 || at - (candidate - 1) > MAX_OFFSET || read32(source + candidate - 1) != word) {
            at += 1 + (misses++ >> 6); /* what does not compress is passed over in growing steps */
            continue;
        }
        misses = 0;
        uint32_t from = candidate - 1;
        while (at > anchor && from > 0 && source[at - 1] == source[from - 1]) at--, from--;
        uint32_t length = MIN_MATCH;
        while (at + length < size - LAST_LITERALS && source[at + length] == source[from + length]) length++;
        if (!put_sequence(&out, source + anchor, at - anchor, at - from, length)) return -1;
        at += length;
        anchor = at;
        if (at < size - MATCH_LIMIT) positions[hash(read32(source + at - 2))] = at - 1;
    }
    if (!put_sequence(&out, source + anchor, size - anchor, 0, 0)) return -1;
    return (int32_t)(out.at - target);
}

/* A length that goes on in bytes of 255. Returns -1 where the input ends first or the sum is beyond any block. */
static int64_t take_length(const uint8_t **at, const uint8_t *end, uint32_t nibble) {
    int64_t length = nibble;
    if (nibble < 15) return length;
    for (;;) {
        if (*at == end) return -1;
        uint8_t byte = *(*at)++;
        length += byte;
        if (length > 0x7fffffff) return -1;
        if (byte != 255) return length;
    }
}

/* Walks a block, and writes what it holds where `target` is not 0. */
static int64_t walk(const uint8_t *source, uint32_t size, uint8_t *target, uint32_t capacity) {
    const uint8_t *at = source, *end = source + size;
    int64_t done = 0;
    while (at < end) {
        uint32_t token = *at++;
        int64_t count = take_length(&at, end, token >> 4);
        if (count < 0 || count > end - at || count > capacity - done) return -1;
        if (target) __builtin_memcpy(target + done, at, (uint32_t)count);
        at += count;
        done += count;
        if (at == end) return done;
        if (end - at < 2) return -1;
        uint32_t offset = at[0] | (uint32_t)at[1] << 8;
        at += 2;
        int64_t match = take_length(&at, end, token & 15);
        if (match < 0 || offset == 0 || offset > done) return -1;
        match += MIN_MATCH;
        if (match > capacity - done) return -1;
        if (target)
            for (int64_t i = 0; i < match; i++) target[done + i] = target[done + i - offset];
        done += match;
    }
    return -1; /* a block ends with literals */
}

EXPORT(lz4_decompressed_size) int32_t lz4_decompressed_size(const uint8_t *source, uint32_t size) {
    return (int32_t)walk(source, size, 0, 0x7fffffff);
}

EXPORT(lz4_decompress)
int32_t lz4_decompress(const uint8_t *source, uint32_t size, uint8_t *target, uint32_t capacity) {
    if (capacity > 0x7fffffff) capacity = 0x7fffffff;
    return (int32_t)walk(source, size, target, capacity);
}
