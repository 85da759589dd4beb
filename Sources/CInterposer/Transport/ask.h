// ask.h: waiting for the daemon's answer.
#ifndef FX_ASK_H
#define FX_ASK_H

#include "ring.h"

/// The words of an answer. Its bytes are in the ring until the thread's next ask.
struct fx_reply {
    int32_t status;
    uint32_t byte_count;
    uint64_t words[4];
    const uint8_t *bytes;
};

/// Sends the record as an ask and waits for its answer, as long as the daemon lives. Returns the
/// status, with the daemon's text as message where it is not 0.
int32_t fx_ask(
    struct fx_thread *self, const struct fx_call *call, const struct fx_operands *operands,
    struct fx_reply *reply);

/// The same with a limit: after `timeout_ms` and some grace the thread goes on without an answer
/// (FX_ERROR_TIMEOUT). Negative: no limit.
int32_t fx_ask_timeout(
    struct fx_thread *self, const struct fx_call *call, const struct fx_operands *operands,
    struct fx_reply *reply, int64_t timeout_ms);

/// Waits for the answer to a record that was already sent with FX_FLAG_ASK.
int32_t fx_await(
    struct fx_thread *self, uint16_t function, uint32_t sequence, struct fx_reply *reply);

#endif
