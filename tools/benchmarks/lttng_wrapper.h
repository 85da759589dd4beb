// What LTTng-UST records of aclrtMemcpyAsync: its entry with two arguments, and its exit.
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER flexnpu_bench

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "lttng_wrapper.h"

#if !defined(LTTNG_WRAPPER_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define LTTNG_WRAPPER_H

#include <lttng/tracepoint.h>
#include <stdint.h>

LTTNG_UST_TRACEPOINT_EVENT(
    flexnpu_bench, enter, LTTNG_UST_TP_ARGS(uint64_t, to, uint64_t, count),
    LTTNG_UST_TP_FIELDS(lttng_ust_field_integer_hex(uint64_t, to, to)
                            lttng_ust_field_integer(uint64_t, count, count)))
LTTNG_UST_TRACEPOINT_EVENT(
    flexnpu_bench, leave, LTTNG_UST_TP_ARGS(int32_t, status),
    LTTNG_UST_TP_FIELDS(lttng_ust_field_integer(int32_t, status, status)))

#endif
#include <lttng/tracepoint-event.h>
