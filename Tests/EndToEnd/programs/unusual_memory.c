// Memory: exhausted, freed in odd places, copied by nothing, to nowhere and across edges.
#include <stdlib.h>
#include <string.h>

#include "unusual.h"

enum { BYTES = COUNT * 4 };

/// `queued`: what is freed is still in use by work that was queued before; it has to stay until that is done.
static void freed_again_and_again(int queued)
{
    void *stream = NULL;
    float *ones = make_floats(1), *sum = make_floats(0);
    int refused = 0;
    EQUAL(aclrtCreateStream(&stream), 0);
    for (int turn = 0; turn < 20; turn++) {
        float *between = make_floats(0);
        for (int i = 0; i < 20; i++) refused += add_on(between, ones, 1, stream) != 0;
        refused += add_on(sum, between, 1, stream) != 0;
        if (!queued) refused += aclrtSynchronizeStream(stream) != 0;
        refused += aclrtFree(between) != 0;
    }
    EQUAL(refused, 0);
    EQUAL(aclrtSynchronizeStream(stream), 0);
    CHECK(all_are(sum, 400));
    EQUAL(aclrtDestroyStream(stream), 0);
    EQUAL(aclrtFree(sum), 0);
    EQUAL(aclrtFree(ones), 0);
}

static void nothing_is_left(void)
{
    void *blocks[64], *too_much = NULL;
    size_t free_before = 0, free_after = 0, total = 0;
    EQUAL(aclrtGetMemInfo(1, &free_before, &total), 0);
    CHECK(free_before > 0 && free_before <= total);
    CHECK(aclrtMalloc(&too_much, total + 1, 0) != 0);
    CHECK(aclGetRecentErrMsg() != NULL);
    CHECK(aclrtMalloc(&too_much, SIZE_MAX, 0) != 0);
    CHECK(aclrtMalloc(&too_much, SIZE_MAX - 4095, 0) != 0);
    CHECK(aclrtMalloc(NULL, 64, 0) != 0);
    CHECK(aclrtMallocHost(NULL, 64) != 0);
    CHECK(aclrtMallocHost(&too_much, SIZE_MAX) != 0);
    for (int i = 0; i < 64; i++) MUST(aclrtMalloc(&blocks[i], (size_t)1 << (i % 20), 0));
    for (int i = 63; i >= 0; i--) MUST(aclrtFree(blocks[i]));
    EQUAL(aclrtGetMemInfo(1, &free_after, &total), 0);
    EQUAL((long long)free_after, (long long)free_before);
}

static void copies_at_the_edges(void)
{
    char *floats = (char *)make_floats(1), host[BYTES];
    void *stream = NULL;
    EQUAL(aclrtCreateStream(&stream), 0);
    CHECK(aclrtMemcpy(floats + BYTES - 4, 8, host, 8, HOST_TO_DEVICE) != 0);
    CHECK(aclrtMemcpy(floats - 4, 8, host, 8, HOST_TO_DEVICE) != 0);
    CHECK(aclrtMemcpy(floats, BYTES, host, BYTES + 1, HOST_TO_DEVICE) != 0);
    CHECK(aclrtMemset(floats + 4, BYTES, 0, BYTES) != 0);
    CHECK(aclrtMemcpy(NULL, 8, host, 8, HOST_TO_DEVICE) != 0);
    CHECK(aclrtMemcpy(floats, 8, NULL, 8, HOST_TO_DEVICE) != 0);
    CHECK(aclrtMemcpy(floats, 8, host, 8, 77) != 0);
    EQUAL(aclrtMemcpy(host, 0, floats, 0, DEVICE_TO_HOST), 0);
    EQUAL(aclrtMemcpyAsync(host, 0, floats, 0, DEVICE_TO_HOST, stream), 0);
    EQUAL(aclrtMemsetAsync(floats, BYTES, 0, 0, stream), 0);
    EQUAL(aclrtMemcpyAsync(floats, BYTES, floats, BYTES, DEVICE_TO_DEVICE, stream), 0);
    EQUAL(aclrtMemcpy(host, BYTES, host, BYTES, HOST_TO_HOST), 0);
    EQUAL(aclrtSynchronizeStream(stream), 0);
    CHECK(all_are((float *)floats, 1));
    EQUAL(aclrtFree(floats + 4) != 0, 1);
    EQUAL(aclrtDestroyStream(stream), 0);
    EQUAL(aclrtFree(floats), 0);
    EQUAL(aclrtFree(floats) != 0, 1);
}

/// Copies of every length around what staging is likely to be cut into, both ways, from odd addresses.
static void copies_of_all_lengths(void)
{
    size_t most = (17u << 20) + 13, lengths[] = {1, 63, 4095, 65537, (1u << 20) - 1, (1u << 20) + 1,
                                                 (4u << 20) + 7, (17u << 20) + 11};
    unsigned char *there = malloc(most), *back = malloc(most);
    void *device = NULL, *stream = NULL;
    CHECK(there != NULL && back != NULL);
    for (size_t i = 0; i < most; i++) there[i] = (unsigned char)(i * 2654435761u >> 13);
    MUST(aclrtMalloc(&device, most, 0));
    EQUAL(aclrtCreateStream(&stream), 0);
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t length = lengths[i];
        char *at = (char *)device + 1;
        memset(back, 0, most);
        EQUAL(aclrtMemcpyAsync(at, length, there + 1, length, HOST_TO_DEVICE, stream), 0);
        EQUAL(aclrtMemcpyAsync(back + 1, length, at, length, DEVICE_TO_HOST, stream), 0);
        EQUAL(aclrtSynchronizeStream(stream), 0);
        CHECK(memcmp(there + 1, back + 1, length) == 0 && back[0] == 0 && back[length + 1] == 0);
        memset(back, 0, most);
        EQUAL(aclrtMemcpy(at, length, there, length, HOST_TO_DEVICE), 0);
        EQUAL(aclrtMemcpy(back, length, at, length, DEVICE_TO_HOST), 0);
        CHECK(memcmp(there, back, length) == 0 && back[length] == 0);
    }
    EQUAL(aclrtDestroyStream(stream), 0);
    EQUAL(aclrtFree(device), 0);
    free(there);
    free(back);
}

/// Pinned memory in the middle of which a copy begins, that the program writes while nothing runs.
static void pinned_memory(void)
{
    float *pinned = NULL, *floats = make_floats(0);
    EQUAL(aclrtMallocHost((void **)&pinned, 2 * BYTES), 0);
    for (int turn = 0; turn < 5; turn++) {
        for (int i = 0; i < 2 * COUNT; i++) pinned[i] = (float)turn;
        EQUAL(aclrtMemcpyAsync(floats, BYTES, pinned + 100, BYTES, HOST_TO_DEVICE, NULL), 0);
        EQUAL(add_on(floats, floats, 1, NULL), 0);
        EQUAL(aclrtMemcpyAsync(pinned + 5, BYTES, floats, BYTES, DEVICE_TO_HOST, NULL), 0);
        EQUAL(aclrtSynchronizeStream(NULL), 0);
        CHECK(pinned[4] == (float)turn && pinned[5] == 2.0f * (float)turn &&
              pinned[5 + COUNT] == (float)turn);
    }
    EQUAL(aclrtFreeHost(pinned + 1) != 0, 1);
    EQUAL(aclrtFreeHost(pinned), 0);
    EQUAL(aclrtFreeHost(pinned) != 0, 1);
    EQUAL(aclrtFree(floats), 0);
}

void memory_in_unusual_ways(int queued)
{
    freed_again_and_again(queued);
    nothing_is_left();
    copies_at_the_edges();
    copies_of_all_lengths();
    pinned_memory();
}
