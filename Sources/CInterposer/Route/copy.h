// copy.h: copies of any kind, one-dimensional ones as one row.
#ifndef FX_COPY_H
#define FX_COPY_H

#include "../Transport/ask.h"

struct fx_copy {
    uint16_t function;
    int32_t kind;      // aclrtMemcpyKind
    uint64_t to, to_pitch;
    uint64_t from, from_pitch;
    uint64_t width, height;
    uint64_t stream;   // 0: at once
    const uint64_t *words;  // of the call, for its first record
    uint32_t word_count;
};

/// Does the copy: checks both ends, sends it or carries the data through the staging area. A copy
/// with stream 0 is done when it returns; one from pageable memory has read its source.
int32_t fx_copy_run(struct fx_thread *self, struct fx_copy *copy);

#endif
