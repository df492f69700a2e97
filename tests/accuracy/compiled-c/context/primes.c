#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    long last = argc > 1 ? strtol(argv[1], NULL, 10) : 100;
    for (long n = 2; n <= last; n++) {
        int prime = 1;
        for (long d = 2; d * d <= n && prime; d++) prime = n % d != 0;
        if (prime) printf("%ld\n", n);
    }
    return 0;
}
