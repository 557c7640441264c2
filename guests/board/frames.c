/* A state machine that takes a serial line byte by byte: frames with start, length, address, payload and checksum,
 * bytes stuffed, errors counted, time-outs; what it finds goes to registers. */
#include "../bench/kernel.h"

enum state { IDLE, LENGTH, ADDRESS, PAYLOAD, CHECK };
static struct {
    enum state state;
    u8 escaped, length, got, address, sum;
    u8 payload[32];
} rx;
static u16 registers[64];
static u32 good, bad, ignored;

static void apply(void) {
    u32 at = rx.address & 63;
    for (s32 i = 0; i + 1 < rx.length; i += 2) {
        registers[at] = (u16)(rx.payload[i] << 8 | rx.payload[i + 1]);
        at = (at + 1) & 63;
    }
}

static NOINLINE void receive(u8 byte) {
    if (byte == 0x7e) {
        if (rx.state != IDLE) bad++;
        rx.state = LENGTH;
        rx.escaped = 0;
        return;
    }
    if (byte == 0x7d) {
        rx.escaped = 1;
        return;
    }
    if (rx.escaped) {
        byte ^= 0x20;
        rx.escaped = 0;
    }
    switch (rx.state) {
    case IDLE:
        ignored++;
        break;
    case LENGTH:
        if (byte == 0 || byte > sizeof rx.payload) {
            bad++;
            rx.state = IDLE;
            break;
        }
        rx.length = byte;
        rx.got = 0;
        rx.sum = byte;
        rx.state = ADDRESS;
        break;
    case ADDRESS:
        rx.address = byte;
        rx.sum += byte;
        rx.state = PAYLOAD;
        break;
    case PAYLOAD:
        rx.payload[rx.got++] = byte;
        rx.sum += byte;
        if (rx.got == rx.length) rx.state = CHECK;
        break;
    case CHECK:
        if (byte == rx.sum) {
            good++;
            apply();
        } else {
            bad++;
        }
        rx.state = IDLE;
        break;
    }
}

static void send(u8 byte) {
    if (byte == 0x7e || byte == 0x7d) {
        receive(0x7d);
        byte ^= 0x20;
    }
    receive(byte);
}

EXPORT s64 run(s32 n) {
    rx.state = IDLE;
    good = bad = ignored = 0;
    for (s32 i = 0; i < 64; i++) registers[i] = 0;
    u32 s = 11;
    for (s32 r = 0; r < n; r++) {
        u8 length = (u8)(1 + next_random(&s) % 32), address = (u8)next_random(&s), sum = length + address;
        receive(0x7e);
        send(length);
        send(address);
        for (s32 i = 0; i < length; i++) {
            u8 byte = (u8)next_random(&s);
            sum += byte;
            send(byte);
        }
        send(next_random(&s) % 8 ? sum : (u8)(sum + 1));
    }
    u32 h = good * 31 + bad * 7 + ignored;
    for (s32 i = 0; i < 64; i++) h = h * 31 + registers[i];
    return h;
}
