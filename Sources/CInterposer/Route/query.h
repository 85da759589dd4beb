// query.h: a question to the device library. Those of plain queries are generated (Generated/queries.c).
#ifndef FX_QUERY_H
#define FX_QUERY_H

#include "guard.h"

/// A question. Positions count from 1; 0: there is none.
struct fx_query {
    uint16_t function;
    uint8_t word_count;
    uint8_t asked;           // bit n: parameter n is an in-argument
    uint8_t stream_at;       // the in-argument that is a stream of the program's
    uint8_t text_at;         // the in-argument that is `text`
    uint8_t out_count;
    uint8_t has_buffer;
    uint64_t words[8];       // the call's parameters in declared order; an out-parameter as 0
    const char *text;
    struct {
        void *to;
        uint32_t bytes;      // 4 or 8
    } outs[4];
    struct {
        void *to;
        uint64_t bytes;
        int is_text;         // it gets a NUL
    } buffer;
};

/// Asks, and hands the answer out. A result that the program gives no room for is an error.
int32_t fx_query_run(struct fx_query *query);

/// Asks within a call that has begun; the reply's bytes are there until the thread's next ask.
int32_t fx_query_ask(struct fx_thread *self, struct fx_query *query, struct fx_reply *reply);

#endif
