/* A small bytecode interpreter: one big switch, data-dependent branches. Its program counts primes and shuffles bytes. */
#include "kernel.h"

enum { PUSH, LOAD, STORE, ADD, MUL, REM, XOR, LT, EQ, JZ, JMP, GETB, SETB, CALL, RET, HALT };

static u8 code[256];
static s32 at;
static s32 stack[64], locals[16], calls[16];
static u8 heap[256];

static void op(u8 o) { code[at++] = o; }
static s32 op1(u8 o, s32 arg) {
    code[at++] = o;
    code[at++] = (u8)arg;
    return at - 1;
}
static void here(s32 jump) { code[jump] = (u8)at; }

/* locals: 0 limit, 1 count, 2 i, 3 candidate, 4 divisor */
static void assemble(void) {
    at = 0;
    s32 start = op1(JMP, 0);

    s32 is_prime = at; /* candidate in 3; leaves 1 or 0 on the stack */
    op1(PUSH, 2);
    op1(STORE, 4);
    s32 loop = at;
    op1(LOAD, 3);
    op1(LOAD, 4);
    op1(LOAD, 4);
    op(MUL);
    op(LT);
    s32 more = op1(JZ, 0);
    op1(PUSH, 1);
    op(RET);
    here(more);
    op1(LOAD, 3);
    op1(LOAD, 4);
    op(REM);
    op1(PUSH, 0);
    op(EQ);
    s32 next = op1(JZ, 0);
    op1(PUSH, 0);
    op(RET);
    here(next);
    op1(LOAD, 4);
    op1(PUSH, 1);
    op(ADD);
    op1(STORE, 4);
    op1(JMP, loop);

    here(start);
    op1(PUSH, 0);
    op1(STORE, 1);
    op1(PUSH, 2);
    op1(STORE, 2);
    s32 top = at;
    op1(LOAD, 2);
    op1(LOAD, 0);
    op(LT);
    s32 done = op1(JZ, 0);
    op1(LOAD, 2);
    op1(STORE, 3);
    op1(CALL, is_prime);
    op1(LOAD, 1);
    op(ADD);
    op1(STORE, 1);
    op1(LOAD, 2); /* heap[i] = heap[i * 7] ^ count */
    op1(LOAD, 2);
    op1(PUSH, 7);
    op(MUL);
    op(GETB);
    op1(LOAD, 1);
    op(XOR);
    op(SETB);
    op1(LOAD, 2);
    op1(PUSH, 1);
    op(ADD);
    op1(STORE, 2);
    op1(JMP, top);
    here(done);
    op(HALT);
}

static NOINLINE s32 execute(void) {
    s32 pc = 0, sp = 0, cp = 0, steps = 0;
    for (;;) {
        steps++;
        switch (code[pc++]) {
        case PUSH: stack[sp++] = code[pc++]; break;
        case LOAD: stack[sp++] = locals[code[pc++]]; break;
        case STORE: locals[code[pc++]] = stack[--sp]; break;
        case ADD: sp--; stack[sp - 1] += stack[sp]; break;
        case MUL: sp--; stack[sp - 1] *= stack[sp]; break;
        case REM: sp--; stack[sp - 1] %= stack[sp]; break;
        case XOR: sp--; stack[sp - 1] ^= stack[sp]; break;
        case LT: sp--; stack[sp - 1] = stack[sp - 1] < stack[sp]; break;
        case EQ: sp--; stack[sp - 1] = stack[sp - 1] == stack[sp]; break;
        case JZ: pc = stack[--sp] == 0 ? code[pc] : pc + 1; break;
        case JMP: pc = code[pc]; break;
        case GETB: stack[sp - 1] = heap[stack[sp - 1] & 255]; break;
        case SETB: sp -= 2; heap[stack[sp] & 255] = (u8)stack[sp + 1]; break;
        case CALL: calls[cp++] = pc + 1; pc = code[pc]; break;
        case RET: pc = calls[--cp]; break;
        default: return steps;
        }
    }
}

EXPORT s64 run(s32 n) {
    assemble();
    for (s32 i = 0; i < 256; i++) heap[i] = (u8)(i * 37);
    u64 h = 1;
    for (s32 r = 0; r < n; r++) {
        locals[0] = 2000 + (r & 7);
        s32 steps = execute();
        h = mix(h, (u64)(u32)steps << 32 | (u32)(locals[1] ^ heap[r & 255]));
    }
    return (s64)h;
}
