#include "query.h"

#include <string.h>

#include "../Objects/context.h"

enum { text_limit = 4096 };

int32_t fx_query_ask(struct fx_thread *self, struct fx_query *query, struct fx_reply *reply) {
    struct fx_call call = {.function = query->function};
    if (query->stream_at != 0) {
        uint64_t *stream = &query->words[query->stream_at - 1];
        int32_t status =
            fx_stream_resolve(self, query->function, (const void *)*stream, &call.stream);
        if (status != 0) return status;
        *stream = call.stream;
    }
    if (query->text_at != 0) {
        call.bytes = query->text;
        call.byte_count = strnlen(query->text, text_limit);
        query->words[query->text_at - 1] = call.byte_count;  // at offset 0
    }
    uint64_t arguments[8];
    uint32_t count = 0;
    for (unsigned i = 0; i < query->word_count; i++)
        if (query->asked >> i & 1) arguments[count++] = query->words[i];
    call.words = query->words;
    call.word_count = query->word_count;
    return fx_ask_query(
        self, &call, query->function, self->ring_device, arguments, count, reply);
}

static int32_t check_room(struct fx_thread *self, const struct fx_query *query) {
    for (unsigned i = 0; i < query->out_count; i++)
        if (query->outs[i].to == NULL)
            return fx_invalid(self, query->function, "a result is NULL");
    if (query->has_buffer && (query->buffer.to == NULL || query->buffer.bytes == 0))
        return fx_invalid(self, query->function, "there is no room for the result");
    if (query->text_at != 0 && query->text == NULL)
        return fx_invalid(self, query->function, "a string is NULL");
    return 0;
}

static void hand_out(const struct fx_query *query, const struct fx_reply *reply) {
    for (unsigned i = 0; i < query->out_count; i++)
        memcpy(query->outs[i].to, &reply->words[i], query->outs[i].bytes);
    if (!query->has_buffer) return;
    const int is_text = query->buffer.is_text;
    size_t count =
        is_text ? strnlen((const char *)reply->bytes, reply->byte_count) : reply->byte_count;
    size_t room = query->buffer.bytes - (is_text ? 1 : 0);
    if (count > room) count = room;
    fx_copy(query->buffer.to, reply->bytes, count);
    if (is_text) ((char *)query->buffer.to)[count] = 0;
}

int32_t fx_query_run(struct fx_query *query) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, query->function);
    if (status != 0) return status;
    struct fx_reply reply;
    status = check_room(self, query);
    if (status == 0) status = fx_query_ask(self, query, &reply);
    if (status == 0) hand_out(query, &reply);
    return fx_end(self, status);
}
