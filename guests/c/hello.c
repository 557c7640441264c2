/* A WASI command: arguments, environment, standard input, floats through printf, and an exit status of 3. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) printf("argument %d: %s\n", i, argv[i]);
    for (char **e = environ; *e; e++) printf("environment: %s\n", *e);
    printf("floats: %.3f %g %e %a %.17g %5.1f%%\n", 3.14159265, 1e-7, 12345.678, 0.5, 0.1, 99.5);
    printf("integers: %d %u %#x %o %+5ld %lld [%-6s] [%06d]\n", -1, 4000000000u, 48879, 511, 42L, -9007199254740993LL,
           "left", 1234);
    char line[256];
    int lines = 0;
    size_t bytes = 0;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        bytes += strlen(line);
        printf("line %d: %s\n", ++lines, line);
    }
    fprintf(stderr, "%d lines, %zu bytes\n", lines, bytes);
    return 3;
}
