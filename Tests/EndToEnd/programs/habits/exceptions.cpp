// C++ that throws where a call fails, through frames of its own, in threads as well.
// libraries: ascendcl
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "habits.h"

extern "C" int aclmdlLoadFromFile(const char *, uint32_t *);

struct Failure : std::runtime_error {
    explicit Failure(int code) : std::runtime_error(std::to_string(code)) {}
};

static void must(int code) {
    if (code != 0) throw Failure(code);
}

struct Device {
    Device() { must(aclrtSetDevice(0)); }
    ~Device() { aclrtResetDevice(0); }
};

struct Memory {
    void *address = nullptr;
    explicit Memory(size_t bytes) { must(aclrtMalloc(&address, bytes, 0)); }
    ~Memory() { aclrtFree(address); }
};

static int catches() {
    try {
        Memory memory(1000);
        must(aclrtMemcpy(memory.address, 10, "0123456789", 11, TO_DEVICE));
    } catch (const Failure &failure) {
        return std::stoi(failure.what());
    }
    return 0;
}

int main() {
    must(aclInit(nullptr));
    Device device;
    SHOW(catches());
    std::atomic<int> sum{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++)
        threads.emplace_back([&] {
            Device own;
            for (int turn = 0; turn < 20; turn++) sum += catches() != 0;
        });
    for (auto &thread : threads) thread.join();
    SHOW(sum.load());
    uint32_t model;
    try {
        must(aclmdlLoadFromFile("model.om", &model));
    } catch (const std::exception &failure) {
        printf("caught %s, %s\n", failure.what(), aclGetRecentErrMsg() ? "told why" : "not told why");
    }
    SHOW(works(2));
    return 0;
}
