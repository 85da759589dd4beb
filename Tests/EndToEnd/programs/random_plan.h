// A program made from a seed: steps on several streams and threads whose result is known, because where
// two steps on different streams touch the same memory, events or the host order them.
#ifndef RANDOM_PLAN_H
#define RANDOM_PLAN_H

#include <stdint.h>

enum {
    DEVICES_MAX = 2,
    THREADS_MAX = 4,
    STREAMS = 8,   // stream 0 and 1 are the default streams of device 0 and 1
    EVENTS = 12,
    BLOCKS = 15,   // device memory by turns on device 0 and 1, the last three pinned host memory
    PINNED = 3,
    WORDS = 1024,  // 32-bit words in a block
};

enum step_kind {
    // Work on a stream.
    STEP_SET, STEP_COPY, STEP_UPLOAD, STEP_ADD, STEP_MULTIPLY, STEP_TRANSPOSE, STEP_FILL,
    STEP_RECORD, STEP_WAIT, STEP_RESET,
    // The program waits or looks.
    STEP_DOWNLOAD, STEP_READ_NOW, STEP_SYNC_STREAM, STEP_SYNC_EVENT, STEP_QUERY_STREAM,
    STEP_QUERY_EVENT,
    // Something goes while work on it may still be queued, and something new takes its place.
    STEP_RENEW_EVENT, STEP_RENEW_STREAM, STEP_RENEW_BLOCK,
};

struct step {
    uint8_t kind, thread, stream, event, to, from;
    uint16_t to_at, from_at, count;  // in words; a byte value's step counts words as well
    int32_t value;
    uint64_t expected;               // STEP_DOWNLOAD, STEP_READ_NOW: the hash of what is read
    /// How far each thread must have come before this step: one past the index of its last step.
    uint32_t needs[THREADS_MAX];
};

struct plan {
    struct step *steps;
    uint32_t count;
    int devices, threads;
    uint32_t memory[BLOCKS][WORDS];  // as it will be at the end
};

/// Where a stream or a block is; pinned host memory is on no device: -1.
int device_of_stream(const struct plan *plan, int stream);
int device_of_block(const struct plan *plan, int block);

/// What STEP_UPLOAD writes at place `at`.
uint32_t upload_word(int32_t value, uint32_t at);
uint64_t hash_words(const uint32_t *words, uint32_t count, uint64_t hash);

/// Plans about `count` steps and computes on the way what memory will hold.
void make_plan(struct plan *plan, uint64_t seed, uint32_t count, int threads, int devices);

/// Runs it. Returns the number of reads that saw something else than planned, and the hash of memory.
/// `free_while_queued`: memory is freed while work on it is queued; otherwise the device is let finish first.
uint32_t run_plan(const struct plan *plan, int free_while_queued, uint64_t *hash);

#endif
