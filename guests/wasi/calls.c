/* Nothing but calls of the host, for ever: it ends for want of fuel. */
#include <wasi/api.h>

int main(void) {
    for (;;) (void)__wasi_sched_yield();
}
