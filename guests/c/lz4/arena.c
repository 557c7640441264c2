/* A bump allocator over the memory behind the module's own data, grown page by page. */
#include "lz4.h"

#define EXPORT(name) __attribute__((export_name(#name)))
#define PAGE 65536u
#define NO_PAGES ((uint32_t)-1)

extern unsigned char __heap_base;
static uint32_t used;

static uint32_t base(void) { return ((uint32_t)(uintptr_t)&__heap_base + 15) & ~15u; }

EXPORT(arena_alloc) void *arena_alloc(uint32_t size) {
    uint64_t at = (uint64_t)base() + used;
    uint64_t end = at + (((uint64_t)size + 15) & ~15ull);
    uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
    if (end > 0xffff0000ull) return 0;
    if (end > have) {
        uint32_t pages = (uint32_t)((end - have + PAGE - 1) / PAGE);
        if ((uint32_t)__builtin_wasm_memory_grow(0, pages) == NO_PAGES) return 0;
    }
    used = (uint32_t)(end - base());
    return (void *)(uintptr_t)at;
}

EXPORT(arena_reset) void arena_reset(void) { used = 0; }

EXPORT(arena_used) uint32_t arena_used(void) { return used; }
