// Route mode: devices, contexts, streams, events, and what is answered for them.
#include "route_cases.h"

void handles(void) {
    void *context, *stream, *other, *event;
    int32_t device, status;
    CHECK(aclrtGetDevice(&device) == 107002);
    CHECK(strstr(aclGetRecentErrMsg(), "aclrtSetDevice") != NULL);
    CHECK(aclGetRecentErrMsg() == NULL);
    CHECK(aclrtSynchronizeStream(NULL) == 107002);
    CHECK(aclrtSetDevice(7) == 107001);
    OK(aclrtSetDevice(1));
    OK(aclrtGetDevice(&device));
    CHECK(device == 1);
    OK(aclrtSynchronizeStream(NULL));
    OK(aclrtGetCurrentContext(&context));
    CHECK(aclrtDestroyContext(context) == 107000);
    OK(aclrtCtxGetCurrentDefaultStream(&stream));
    CHECK(aclrtDestroyStream(stream) == 107000);
    OK(aclrtCreateStream(&stream));
    OK(aclrtStreamQuery(stream, &status));
    CHECK(status == 0);
    OK(aclrtDestroyStream(stream));
    CHECK(aclrtDestroyStream(stream) == 107000);
    CHECK(aclrtSynchronizeStream(stream) == 107000);
    OK(aclrtCreateStream(&other));
    CHECK(other != stream);  // the same index, another generation
    CHECK(aclrtSynchronizeStream((void *)0x12345) == 107000);
    CHECK(aclrtSynchronizeStream((void *)-1) == 107000);
    CHECK(aclrtSynchronizeStream(context) == 107000);
    OK(aclrtCreateEventExWithFlag(&event, 0));
    CHECK(aclrtRecordEvent(stream, other) == 107000);
    OK(aclrtRecordEvent(event, other));
    OK(aclrtStreamWaitEvent(NULL, event));
    OK(aclrtQueryEventStatus(event, &status));
    CHECK(status == 1);
    OK(aclrtDestroyEvent(event));
    CHECK(aclrtDestroyEvent(event) == 107000);
    OK(aclrtCreateContext(&context, 0));
    OK(aclrtGetDevice(&device));
    CHECK(device == 0);
    OK(aclrtDestroyContext(context));
    CHECK(aclrtGetDevice(&device) == 107002);
    OK(aclrtSetDevice(1));
    OK(aclrtResetDevice(1));
    OK(aclrtGetDevice(&device));  // set twice, reset once
    OK(aclrtResetDevice(1));
    CHECK(aclrtGetDevice(&device) == 107002);
    CHECK(aclmdlRICaptureBegin(other, 0) == 200006);
    CHECK(strstr(aclGetRecentErrMsg(), "aclmdlRICaptureBegin") != NULL);
}

void limits(void) {
    void *streams[100], *events[1200];
    OK(aclrtSetDevice(0));
    int made = 0;
    while (made < 100 && aclrtCreateStream(&streams[made]) == 0) made++;
    CHECK(made == 63);  // 64 with the default stream
    CHECK(strstr(aclGetRecentErrMsg(), "64") != NULL);
    OK(aclrtDestroyStream(streams[5]));
    OK(aclrtCreateStream(&streams[5]));
    for (made = 0; made < 1200 && aclrtCreateEvent(&events[made]) == 0;) made++;
    CHECK(made == 1000);
    for (int round = 0; round < 20000; round++) {
        OK(aclrtDestroyEvent(events[round % 1000]));
        OK(aclrtCreateEvent(&events[round % 1000]));
    }
}

void initialise(void) {
    CHECK(aclFinalize() == 100037);
    OK(aclInit(NULL));
    CHECK(aclInit("x.json") == 100002);
    OK(aclFinalize());
    CHECK(aclFinalize() == 100037);
    OK(aclInit(NULL));
    uint32_t count;
    OK(aclrtGetDeviceCount(&count));
    CHECK(count == 2 && !strcmp(aclrtGetSocName(), "Ascend910B2"));
    size_t free_bytes, total;
    OK(aclrtSetDevice(1));
    OK(aclrtGetMemInfo(1, &free_bytes, &total));
    CHECK(free_bytes == 1 && total == 42);  // the fake answers the current device and 42
    char version[128];
    OK(aclsysGetVersionStr("runtime", version));
    CHECK(!strncmp(version, "text of", 7));
    int32_t can;
    OK(aclrtDeviceCanAccessPeer(&can, 0, 1));
    CHECK(aclrtGetMemInfo(1, NULL, &total) == 107000);
}
