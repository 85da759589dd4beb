#include "query.h"

#include <string.h>

#include "context.h"

enum { text_limit = 4096 };

int32_t fx_query_ask(
    struct fx_thread *self, const struct fx_query *query, struct fx_reply *reply) {
    uint64_t operands[2 + 4 + 1] = {query->function, (uint64_t)fx_device_current(self)};
    memcpy(operands + 2, query->in, sizeof(query->in));
    unsigned count = query->in_count;
    uint64_t length = 0;
    if (query->text != NULL) {
        length = strnlen(query->text, text_limit);
        operands[2 + count++] = length;  // at offset 0
    }
    uint64_t words[5 + 4] = {0};
    unsigned ahead = query->out_at != 0 ? query->out_at - 1 : count;
    memcpy(words, operands + 2, 8 * ahead);
    memcpy(words + ahead + query->out_count, operands + 2 + ahead, 8 * (count - ahead));
    struct fx_call call = {
        .function = query->function,
        .verb = FX_VERB_QUERY,
        .enter = fx_ticks_ordered(),
        .stream = query->stream,
        .words = words,
        .word_count = count + query->out_count,
        .operands = operands,
        .operand_count = 2 + count,
        .bytes = query->text,
        .byte_count = length,
    };
    return fx_ask(self, &call, reply);
}

int32_t fx_query_run(const struct fx_query *query) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, query->function);
    if (status != 0) return status;
    for (unsigned i = 0; i < query->out_count; i++)
        if (query->out[i] == NULL)
            return fx_end(self, fx_invalid(self, query->function, "a result is NULL"));
    struct fx_reply reply;
    status = fx_query_ask(self, query, &reply);
    for (unsigned i = 0; i < query->out_count && status == 0; i++)
        memcpy(query->out[i], &reply.words[i], query->out_bytes[i]);
    return fx_end(self, status);
}
