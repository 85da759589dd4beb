// query.h: a question to the device library. README.md, "Queries", has the shape of each.
#ifndef FX_QUERY_H
#define FX_QUERY_H

#include "guard.h"

/// Up to four in-arguments and a string. `outs` say how wide the scalar out-parameters are: 4 or 8
/// bytes; a NULL among them ends the call with an error.
struct fx_query {
    uint16_t function;
    uint64_t stream;
    uint64_t in[4];
    unsigned in_count;
    const char *text;  // its place is the last in-argument
    void *out[4];
    uint8_t out_bytes[4];
    unsigned out_count;
    unsigned out_at;  // where the out-parameters stand among the words, from 1; 0: at the end
};

int32_t fx_query_run(const struct fx_query *query);

/// The same within a call that has begun; the reply's bytes are there until the thread's next ask.
int32_t fx_query_ask(
    struct fx_thread *self, const struct fx_query *query, struct fx_reply *reply);

#endif
