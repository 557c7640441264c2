/* LZ4 blocks and checksums without a libc, for use from a WebAssembly host.
 *
 * The host writes its input to memory that `arena_alloc` gives, calls a function below, reads the result, and frees
 * everything at once with `arena_reset`. Pointers are addresses in the module's exported memory. No call keeps state
 * but the arena; none reads or writes outside the ranges that it is given. */
#ifndef LZ4_H
#define LZ4_H

#include <stdint.h>

/* `size` bytes, aligned to 16, or 0 where memory cannot grow that far. What they hold is not defined. */
void *arena_alloc(uint32_t size);

/* Frees all that `arena_alloc` gave. */
void arena_reset(void);

/* The bytes that are allocated now. */
uint32_t arena_used(void);

/* The most bytes that `lz4_compress` writes for `size` bytes of input, or 0 where `size` is above 0x7e000000. */
uint32_t lz4_bound(uint32_t size);

/* Compresses to one LZ4 block. Returns its length, or -1 where `capacity` is too small. */
int32_t lz4_compress(const uint8_t *source, uint32_t size, uint8_t *target, uint32_t capacity);

/* The length of what a block holds, or -1 where the block is malformed. */
int32_t lz4_decompressed_size(const uint8_t *source, uint32_t size);

/* Decompresses one LZ4 block. Returns the length, or -1 where the block is malformed or `capacity` is too small. */
int32_t lz4_decompress(const uint8_t *source, uint32_t size, uint8_t *target, uint32_t capacity);

/* The checksum of LZ4 frames (xxHash, 32 bits). */
uint32_t xxh32(const uint8_t *data, uint32_t size, uint32_t seed);

/* The checksum of zip, gzip and PNG. `crc` is 0 at first, or what the part before gave. */
uint32_t crc32(const uint8_t *data, uint32_t size, uint32_t crc);

#endif
