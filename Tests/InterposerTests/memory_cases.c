// Route mode: allocations and copies of every kind.
#include "route_cases.h"

/// To the device and back by every combination of host memory and of call.
static void round_trip(uint8_t *device, size_t count) {
    uint8_t *pageable = malloc(count), *back = malloc(count), *pinned, *pinned_back;
    OK(aclrtMallocHost((void **)&pinned, count));
    OK(aclrtMallocHost((void **)&pinned_back, count));
    for (unsigned way = 0; way < 16; way++) {
        uint8_t *from = way & 1 ? pinned : pageable, *to = way & 2 ? pinned_back : back;
        fill_pattern(from, count, way);
        memset(to, 0xEE, count);
        if (way & 4)
            OK(aclrtMemcpyAsync(device, count, from, count, way & 8 ? by_default : to_device, NULL));
        else
            OK(aclrtMemcpy(device, count, from, count, way & 8 ? by_default : to_device));
        if (way & 4 && !(way & 1)) memset(from, 0, count);  // pageable: reusable on return
        if (way & 8)
            OK(aclrtMemcpyAsync(to, count, device, count, way & 4 ? by_default : to_host, NULL));
        else
            OK(aclrtMemcpy(to, count, device, count, to_host));
        OK(aclrtSynchronizeStream(NULL));
        fill_pattern(pageable, count, way);
        CHECK(memcmp(to, pageable, count) == 0);
    }
    OK(aclrtFreeHost(pinned));
    OK(aclrtFreeHost(pinned_back));
    CHECK(aclrtFreeHost(pinned) == 107000);
    free(pageable);
    free(back);
}

void copies(void) {
    uint8_t *device, *second, small[64] = {1, 2, 3};
    OK(aclrtSetDevice(0));
    size_t most = 20 << 20;
    OK(aclrtMalloc((void **)&device, most, 0));
    OK(aclrtMalloc((void **)&second, 4096, 0));
    const size_t sizes[] = {1, 7, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1, (9 << 20) + 5, 20 << 20};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) round_trip(device, sizes[i]);
    // Within blocks, over their ends, nowhere.
    OK(aclrtMemcpy(device + 100, 64, small, 64, to_device));
    OK(aclrtMemcpy(device + most - 64, 64, small, 64, to_device));
    CHECK(aclrtMemcpy(device + most - 63, 64, small, 64, to_device) == 107000);
    CHECK(aclrtMemcpy((void *)0x1234, 64, small, 64, to_device) == 107000);
    CHECK(aclrtMemcpy(small, 64, (void *)0x1234, 64, to_host) == 107000);
    CHECK(aclrtMemcpy(NULL, 64, small, 64, to_device) == 107000);
    CHECK(aclrtMemcpy(device, 63, small, 64, to_device) == 107000);
    CHECK(aclrtMemcpy(device, 64, small, 64, 99) == 107000);
    // A device pointer for a host one. Where the device's memory would be, a sanitizer has its own.
    if (memory_tells) CHECK(aclrtMemcpy(device, 64, second, 64, to_device) == 107000);
    CHECK(aclrtMemcpy(device, SIZE_MAX, small, SIZE_MAX, to_device) == 107000);
    OK(aclrtMemcpy(NULL, 0, NULL, 0, to_device));
    OK(aclrtMemcpy(second, 64, device + 100, 64, on_device));
    OK(aclrtMemset(second + 3, 1, 9, 1));
    CHECK(aclrtMemset(second + 4090, 64, 9, 64) == 107000);
    uint8_t back[64];
    OK(aclrtMemcpy(back, 64, second, 64, to_host));
    CHECK(back[0] == 1 && back[2] == 3 && back[3] == 9);
    // Two-dimensional, with pitches.
    uint8_t rows[10][32], out[10][48];
    for (int i = 0; i < 10; i++) fill_pattern(rows[i], 32, (unsigned)i);
    OK(aclrtMemcpy2d(device, 100, rows, 32, 20, 10, to_device));
    OK(aclrtMemcpy2d(out, 48, device, 100, 20, 10, to_host));
    for (int i = 0; i < 10; i++) CHECK(memcmp(rows[i], out[i], 20) == 0);
    CHECK(aclrtMemcpy2d(device, 10, rows, 32, 20, 10, to_device) == 107000);
    struct {
        uint32_t id, type, page, rest[4];
    } where;
    OK(aclrtPointerGetAttributes(device + 5, &where));
    CHECK(where.type == 1 && where.id == 0);
    OK(aclrtPointerGetAttributes(small, &where));
    CHECK(where.type == 2);
    void *huge;
    CHECK(aclrtMalloc(&huge, 1ull << 45, 0) == 207001);
    CHECK(strstr(aclGetRecentErrMsg(), "memory") != NULL);
    CHECK(aclrtMalloc(&huge, 0, 0) == 107000);
    CHECK(aclrtFree(device + 1) == 107000);
    CHECK(aclrtFree(NULL) == 107000);
    OK(aclrtFree(device));
    CHECK(aclrtFree(device) == 107000);
}
