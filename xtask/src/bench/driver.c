/* Times the kernels that `kernels.inc` names. A line "NAME ROUNDS" of standard input is answered by a line
 * "CHECKSUM SECONDS 0": what `run` returned, and the CPU time it took. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#define KERNEL(name) long long run_##name(int);
#include "kernels.inc"
#undef KERNEL

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(void) {
    char name[64];
    int rounds;
    while (scanf("%63s %d", name, &rounds) == 2) {
        long long (*run)(int) = 0;
#define KERNEL(kernel) \
    if (strcmp(name, #kernel) == 0) run = run_##kernel;
#include "kernels.inc"
        if (!run) {
            fprintf(stderr, "no kernel is named %s\n", name);
            return 1;
        }
        double start = cpu();
        long long sum = run(rounds);
        printf("%lld %.9f 0\n", sum, cpu() - start);
        fflush(stdout);
    }
    return 0;
}
