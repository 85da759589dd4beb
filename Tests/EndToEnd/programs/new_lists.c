// new_lists COUNT: adds COUNT views of one line, each from another offset and times another number, to a short
// line, and looks at what comes out.
#include <stdio.h>
#include <stdlib.h>

#include "ascendcl.h"

enum { SHORT = 16, FACTORS = 7, ROUND = 1000 };

static void *stream;

static void *scalar(float value) { return aclCreateScalar(&value, TYPE_FLOAT); }

static void fill(void *line, float value)
{
    uint64_t size = 0;
    void *executor = NULL, *number = scalar(value);
    MUST(aclnnInplaceFillScalarGetWorkspaceSize(line, number, &size, &executor));
    MUST(aclnnInplaceFillScalar(NULL, 0, executor, stream));
    aclDestroyScalar(number);
    aclDestroyTensor(line);
}

/// `storage` is the whole line, as frameworks say it: only the offset is another one each time.
static void add(void *to, void *from, int64_t storage, int64_t offset, float factor)
{
    uint64_t size = 0;
    int64_t count = SHORT, stride = 1;
    void *executor = NULL, *number = scalar(factor);
    void *sum = make_line(to, TYPE_FLOAT, SHORT);
    void *view =
        aclCreateTensor(&count, 1, TYPE_FLOAT, &stride, offset, FORMAT_ND, &storage, 1, from);
    MUST(aclnnInplaceAddGetWorkspaceSize(sum, view, number, &size, &executor));
    MUST(aclnnInplaceAdd(NULL, 0, executor, stream));
    aclDestroyTensor(sum);
    aclDestroyTensor(view);
    aclDestroyScalar(number);
}

int main(int count, char **arguments)
{
    int64_t rounds = count > 1 ? atol(arguments[1]) : ROUND;
    void *line = NULL, *sum = NULL;
    float seen[SHORT], expected = 0;
    load_ascendcl();
    MUST(aclInit(NULL));
    MUST(aclrtSetDevice(0));
    MUST(aclrtCreateStream(&stream));
    MUST(aclrtMalloc(&line, (size_t)(rounds + SHORT) * 4, 0));
    MUST(aclrtMalloc(&sum, sizeof seen, 0));
    fill(make_line(line, TYPE_FLOAT, rounds + SHORT), 1);
    fill(make_line(sum, TYPE_FLOAT, SHORT), 0);
    for (int64_t i = 0; i < rounds; i++) {
        add(sum, line, rounds + SHORT, i, (float)(i % FACTORS));
        expected += (float)(i % FACTORS);
        if (i % ROUND == 0) MUST(aclrtSynchronizeStream(stream));
    }
    MUST(aclrtSynchronizeStream(stream));
    MUST(aclrtMemcpy(seen, sizeof seen, sum, sizeof seen, DEVICE_TO_HOST));
    for (int i = 0; i < SHORT; i++) {
        if (seen[i] == expected) continue;
        printf("word %d is %f, not %f\n", i, (double)seen[i], (double)expected);
        return 5;
    }
    MUST(aclrtResetDevice(0));
    MUST(aclFinalize());
    return 0;
}
