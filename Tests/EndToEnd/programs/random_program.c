// random_program SEED COUNT [THREADS [DEVICES [queued]]]: makes a program of about COUNT steps from SEED,
// runs it through AscendCL, and prints the hash of the memory it left and of the memory that a sequential
// model of the same steps leaves. Status 0: they are the same, and so was everything read on the way.
// `queued`: memory is freed while work on it is still queued.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ascendcl.h"
#include "random_plan.h"

static int number(int count, char **arguments, int place, int least, int most, int otherwise)
{
    if (place >= count) return otherwise;
    int value = atoi(arguments[place]);
    return value < least ? least : value > most ? most : value;
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fprintf(stderr, "usage: %s SEED COUNT [THREADS [DEVICES [queued]]]\n", arguments[0]);
        return 2;
    }
    uint64_t seed = strtoull(arguments[1], NULL, 0), hash = 0, expected = 0;
    uint32_t steps = (uint32_t)number(count, arguments, 2, 1, 10000000, 0);
    int threads = number(count, arguments, 3, 1, THREADS_MAX, 3);
    int devices = number(count, arguments, 4, 1, DEVICES_MAX, 2);
    static struct plan plan;
    make_plan(&plan, seed, steps, threads, devices);
    for (int i = 0; i < BLOCKS; i++) expected = hash_words(plan.memory[i], WORDS, expected);
    load_ascendcl();
    int queued = count > 5 && strcmp(arguments[5], "queued") == 0;
    uint32_t mismatches = run_plan(&plan, queued, &hash);
    printf("seed %" PRIu64 " steps %u threads %d devices %d mismatches %u hash %016" PRIx64
           " expected %016" PRIx64 "\n",
           seed, plan.count, threads, devices, mismatches, hash, expected);
    return mismatches == 0 && hash == expected ? 0 : 1;
}
