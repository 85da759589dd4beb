// Programs of operations, directly or routed: the program is the same, `flexnpu run` says which.
//
//   operations_driver lists-same COUNT    an addition with the same arguments each time: ns an operation
//   operations_driver lists-offset COUNT  the same, each with another view offset
//   operations_driver lists-scalar COUNT  the same, each with another scalar
//   operations_driver paced STEPS         large products and sums, a synchronise a step: microseconds a step
//   operations_driver decode STEPS        one token a step, small operations, the KV grows: microseconds a step
//
// Steps are printed as median, least and most. Tensors are made and destroyed around every operation, as
// PyTorch does.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ascendcl.h"

// X(name, parameters of phase one but for the last two, arguments)
#define OPERATIONS(X)                                                                              \
    X(aclnnMm, (void *a, void *b, void *c), (a, b, c, 0, &bytes, &executor),                       \
      (void *, void *, void *, int8_t, uint64_t *, void **))                                       \
    X(aclnnBatchMatMul, (void *a, void *b, void *c), (a, b, c, 0, &bytes, &executor),              \
      (void *, void *, void *, int8_t, uint64_t *, void **))                                       \
    X(aclnnAdd, (void *a, void *b, void *c), (a, b, one, c, &bytes, &executor),                    \
      (void *, void *, void *, void *, uint64_t *, void **))                                       \
    X(aclnnSoftmax, (void *a, void *b), (a, -1, b, &bytes, &executor),                             \
      (void *, int64_t, void *, uint64_t *, void **))                                              \
    X(aclnnGelu, (void *a, void *b), (a, b, &bytes, &executor),                                    \
      (void *, void *, uint64_t *, void **))

enum { LAYERS = 4, HEADS = 8, WIDTH = 1024, HEAD = WIDTH / HEADS, INNER = 4 * WIDTH, FIRST = 64, HALF = 1 };

static void *stream, *one, *operations;
static char *memory;

static void *find(const char *name, const char *ending) {
    char whole[96];
    snprintf(whole, sizeof whole, "%s%s", name, ending);
    void *symbol = dlsym(operations, whole);
    if (symbol == NULL) {
        fprintf(stderr, "operations_driver: no %s\n", whole);
        exit(2);
    }
    return symbol;
}

#define RUN(name, parameters, arguments, types)                                                    \
    static void name parameters {                                                                  \
        static int(*prepare) types;                                                                \
        static int (*launch)(void *, uint64_t, void *, void *);                                    \
        uint64_t bytes = 0;                                                                        \
        void *executor = NULL;                                                                     \
        if (prepare == NULL) *(void **)&prepare = find(#name, "GetWorkspaceSize");                 \
        if (launch == NULL) *(void **)&launch = find(#name, "");                                   \
        MUST(prepare arguments);                                                                   \
        MUST(launch(memory, bytes, executor, stream));                                             \
    }
OPERATIONS(RUN)
#undef RUN

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// ---- Another list each time --------------------------------------------------------------------

static void add_line(int64_t offset, float scalar) {
    // Views of one storage, as a program's slices are.
    const int64_t four = 4, stride = 1, storage = 8 << 20;
    uint64_t bytes = 0;
    void *executor = NULL;
    void *to = aclCreateTensor(&four, 1, TYPE_FLOAT, &stride, offset, FORMAT_ND, &storage, 1, memory);
    void *from = make_line(memory + (64 << 20), TYPE_FLOAT, 4);
    void *alpha = aclCreateScalar(&scalar, TYPE_FLOAT);
    MUST(aclnnInplaceAddGetWorkspaceSize(to, from, alpha, &bytes, &executor));
    aclDestroyTensor(to);
    aclDestroyTensor(from);
    aclDestroyScalar(alpha);
    MUST(aclnnInplaceAdd(NULL, 0, executor, stream));
}

static void lists(const char *what, int count) {
    const int offsets = strcmp(what, "lists-offset") == 0, scalars = strcmp(what, "lists-scalar") == 0;
    for (int i = 0; i < 100; i++) add_line(0, 1);
    MUST(aclrtSynchronizeStream(stream));
    const double begun = now();
    for (int i = 0; i < count; i++) add_line(offsets ? i : 0, scalars ? 1 + (float)i * 1e-3f : 1);
    MUST(aclrtSynchronizeStream(stream));
    printf("%f\n", (now() - begun) / count * 1e9);
}

// ---- Steps on the paced clock ------------------------------------------------------------------

static void *matrix(int64_t at, int64_t batch, int64_t rows, int64_t columns) {
    const int64_t shape[] = {batch, rows, columns}, strides[] = {rows * columns, columns, 1};
    const int skip = batch == 1;
    return make_view(memory + (at << 20), HALF, 3 - skip, shape + skip, strides + skip, 0);
}

/// An operation on tensors made for it.
#define WITH3(name, a, b, c)                                                                       \
    do {                                                                                           \
        void *x = a, *y = b, *z = c;                                                               \
        name(x, y, z);                                                                             \
        aclDestroyTensor(x), aclDestroyTensor(y), aclDestroyTensor(z);                             \
    } while (0)
#define WITH2(name, a, b)                                                                          \
    do {                                                                                           \
        void *x = a, *y = b;                                                                       \
        name(x, y);                                                                                \
        aclDestroyTensor(x), aclDestroyTensor(y);                                                  \
    } while (0)

/// A layer of a decoder for one token of each of eight sequences and `known` tokens before it.
static void decode_layer(int64_t known) {
    const int64_t rows = HEADS;
    WITH3(aclnnMm, matrix(1, 1, rows, WIDTH), matrix(2, 1, WIDTH, WIDTH), matrix(20, 1, rows, WIDTH));
    WITH3(aclnnBatchMatMul, matrix(20, HEADS, 1, HEAD), matrix(21, HEADS, HEAD, known),
          matrix(40, HEADS, 1, known));
    WITH2(aclnnSoftmax, matrix(40, HEADS, 1, known), matrix(41, HEADS, 1, known));
    WITH3(aclnnBatchMatMul, matrix(41, HEADS, 1, known), matrix(42, HEADS, known, HEAD),
          matrix(50, HEADS, 1, HEAD));
    WITH3(aclnnMm, matrix(50, 1, rows, WIDTH), matrix(2, 1, WIDTH, WIDTH), matrix(51, 1, rows, WIDTH));
    WITH3(aclnnAdd, matrix(51, 1, rows, WIDTH), matrix(1, 1, rows, WIDTH), matrix(52, 1, rows, WIDTH));
    WITH3(aclnnMm, matrix(52, 1, rows, WIDTH), matrix(2, 1, WIDTH, INNER), matrix(53, 1, rows, INNER));
    WITH2(aclnnGelu, matrix(53, 1, rows, INNER), matrix(54, 1, rows, INNER));
    WITH3(aclnnMm, matrix(54, 1, rows, INNER), matrix(2, 1, INNER, WIDTH), matrix(55, 1, rows, WIDTH));
    WITH3(aclnnAdd, matrix(55, 1, rows, WIDTH), matrix(52, 1, rows, WIDTH), matrix(1, 1, rows, WIDTH));
}

static void decode_step(int64_t step) {
    for (int layer = 0; layer < LAYERS; layer++) decode_layer(FIRST + step);
}

/// What keeps a chip busy for longer than the host takes.
static void paced_step(int64_t step) {
    (void)step;
    const int64_t rows = 2048;
    for (int layer = 0; layer < LAYERS; layer++) {
        WITH3(aclnnMm, matrix(1, 1, rows, INNER), matrix(20, 1, INNER, INNER), matrix(60, 1, rows, INNER));
        WITH2(aclnnGelu, matrix(60, 1, rows, INNER), matrix(80, 1, rows, INNER));
        WITH3(aclnnAdd, matrix(80, 1, rows, INNER), matrix(1, 1, rows, INNER), matrix(100, 1, rows, INNER));
    }
}

static void steps(void (*step)(int64_t), int count) {
    double *took = calloc((size_t)count, sizeof *took);
    for (int i = 0; i < count; i++) {
        const double begun = now();
        step(i);
        MUST(aclrtSynchronizeStream(stream));
        took[i] = (now() - begun) * 1e6;
    }
    qsort(took, (size_t)count, sizeof *took, by_size);
    printf("%f %f %f\n", took[count / 2], took[0], took[count - 1]);
    free(took);
}

int main(int count, char **values) {
    const char *what = count > 1 ? values[1] : "";
    const int rounds = count > 2 ? atoi(values[2]) : 100;
    const float unit = 1;
    load_ascendcl();
    operations = dlopen("libopapi.so", RTLD_NOW);
    MUST(aclInit(NULL));
    MUST(aclrtSetDevice(0));
    MUST(aclrtCreateStream(&stream));
    MUST(aclrtMalloc((void **)&memory, 128u << 20, 0));
    one = aclCreateScalar((void *)&unit, TYPE_FLOAT);
    if (strncmp(what, "lists", 5) == 0) return lists(what, rounds), 0;
    if (strcmp(what, "paced") == 0) return steps(paced_step, rounds), 0;
    if (strcmp(what, "decode") == 0) return steps(decode_step, rounds), 0;
    fprintf(stderr, "operations_driver: lists-same, lists-offset, lists-scalar, paced or decode?\n");
    return 2;
}
