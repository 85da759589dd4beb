// The queries that are no plain questions (Sources/AscendCL/Table/queries.tsv) and are not about
// streams and events.
#include <string.h>

#include "../Objects/context.h"
#include "query.h"

int32_t fx_route_aclrtEventGetTimestamp(void *event, void *timestamp) {
    struct fx_thread *self;
    struct fx_query query = {
        .function = FX_FUNCTION_aclrtEventGetTimestamp,
        .words = {(uint64_t)event, 0},
        .word_count = 2,
        .asked = 1,
    };
    int32_t status = fx_begin(&self, query.function);
    if (status != 0) return status;
    if (timestamp == NULL)
        return fx_end(self, fx_invalid(self, query.function, "timestamp is NULL"));
    const struct fx_handle *object = fx_event_resolve(self, query.function, event);
    status = object == NULL ? FX_ERROR_INVALID_PARAMETER : fx_thread_use_device(self, object->device);
    struct fx_reply reply;
    if (status == 0) status = fx_query_ask(self, &query, &reply);
    if (status == 0) memcpy(timestamp, &reply.words[0], 8);
    return fx_end(self, status);
}

int32_t fx_route_aclGetCannAttributeList(const void *cannAttrList, void *num) {
    // The library owns the list, so it is fetched into memory that stays; the values never change.
    static int32_t attributes[FX_REPLY_BYTES / 4];
    struct fx_thread *self;
    struct fx_query query = {.function = FX_FUNCTION_aclGetCannAttributeList, .word_count = 2};
    int32_t status = fx_begin(&self, query.function);
    if (status != 0) return status;
    struct fx_reply reply;
    if (cannAttrList == NULL || num == NULL)
        status = fx_invalid(self, query.function, "a result is NULL");
    else
        status = fx_query_ask(self, &query, &reply);
    if (status == 0) {
        uint64_t count = reply.byte_count / 4;
        const int32_t *list = attributes;
        for (uint64_t i = 0; i < count; i++) {
            int32_t attribute;
            memcpy(&attribute, reply.bytes + 4 * i, 4);
            __atomic_store_n(&attributes[i], attribute, __ATOMIC_RELAXED);
        }
        memcpy((void *)cannAttrList, &list, sizeof(list));
        memcpy(num, &count, sizeof(count));
    }
    return fx_end(self, status);
}

// ---- From the welcome --------------------------------------------------------------------------

int32_t fx_route_aclrtGetDeviceCount(void *count) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, FX_FUNCTION_aclrtGetDeviceCount);
    if (status != 0) return status;
    if (count == NULL)
        status = fx_invalid(self, FX_FUNCTION_aclrtGetDeviceCount, "count is NULL");
    else
        *(uint32_t *)count = self->session->welcome.device_count;
    return fx_end(self, status);
}

const char *fx_route_aclrtGetSocName(void) {
    struct fx_thread *self;
    if (fx_begin(&self, FX_FUNCTION_aclrtGetSocName) != 0) return NULL;
    const char *name = self->session->welcome.soc_name;  // a session is never unmapped
    fx_end(self, 0);
    return name;
}
