// Every routed record against the table of verbs, and its handles against what is alive: what a daemon relies on.
#include <stdlib.h>

#define FX_VERB_TABLE
#include "fake_daemon.h"

static const struct fx_record *checked;

static void fail(const char *what, uint64_t value) {
    const char *name = fx_verbs[checked->verb].name;
    fprintf(
        stderr, "fake daemon: %s of function %u: %s (%llx)\n", name ? name : "unknown verb",
        checked->function, what, (unsigned long long)value);
    abort();
}

static struct object *object_of(struct object *table, uint64_t handle) {
    uint64_t index = handle & 0xFFFFFF;
    if (index >= handle_limit) fail("an index is past the limit", handle);
    return &table[index];
}

static struct object *live(struct object *table, uint64_t handle) {
    struct object *object = object_of(table, handle);
    if (handle == 0 || object->handle != handle) fail("a handle is not alive", handle);
    return object;
}

static void create(struct object *table, uint64_t handle, int32_t device, uint64_t context) {
    struct object *object = object_of(table, handle);
    if (object->handle != 0) fail("the index of a new handle is taken", handle);
    *object = (struct object){.handle = handle, .device = device, .context = context};
}

static void check_device(const struct ring *ring, int64_t device) {
    if (device < 0 || device >= device_count) fail("no such device", (uint64_t)device);
    if (device != ring->head->device) fail("another device's ring", (uint64_t)device);
}

static void check_operand(
    struct session *session, const struct ring *ring, uint8_t kind, const uint64_t *operand) {
    switch (kind) {
        case FX_OPERAND_CONTEXT: live(session->contexts, *operand); break;
        case FX_OPERAND_STREAM: live(session->streams, *operand); break;
        case FX_OPERAND_EVENT: live(session->events, *operand); break;
        case FX_OPERAND_DEVICE: check_device(ring, (int64_t)*operand); break;
        case FX_OPERAND_BYTE_COUNT:
            if (*operand == 0 || *operand >= 1ull << 46) fail("a byte count", *operand);
            break;
        case FX_OPERAND_PLACE:
            if (*operand > FX_SPACE_INLINE) fail("no such space", *operand);
            break;
        case FX_OPERAND_PLAN:
            if (*operand >= session->plan_limit || session->plans[*operand].function == 0)
                fail("no such plan", *operand);
            break;
        case FX_OPERAND_NEW_PLAN:
            if (*operand >= session->plan_limit) fail("no such slot", *operand);
            break;
        case FX_OPERAND_FUNCTION:
            if (*operand >= FX_FUNCTION_COUNT) fail("no such function", *operand);
            break;
        case FX_OPERAND_MILLISECONDS:
            if ((int64_t)*operand < -1) fail("a time limit", *operand);
            break;
        case FX_OPERAND_CORE_COUNT:
            if (*operand > 0xFFFF) fail("a count of cores", *operand);
            break;
        default: break;
    }
}

static void check_head(
    struct session *session, const struct ring *ring, const struct fx_verb *verb) {
    int asks = (checked->flags & FX_FLAG_ASK) != 0;
    if (verb->name == NULL) fail("there is none", checked->verb);
    if (verb->asks == FX_VERB_ASK && !asks) fail("it does not ask", 0);
    if (verb->asks == FX_VERB_TELL && asks) fail("it asks", 0);
    if (checked->operands < verb->least || (!verb->takes_rest && checked->operands != verb->least))
        fail("the number of operands", checked->operands);
    if (verb->stream == FX_STREAM_RECORD ||
        (verb->stream == FX_STREAM_OPTIONAL && checked->stream != 0))
        check_device(ring, live(session->streams, checked->stream)->device);
}

static void end_context(struct session *session, uint64_t context) {
    for (unsigned i = 0; i < handle_limit; i++)
        if (session->streams[i].context == context) session->streams[i].handle = 0;
    live(session->contexts, context)->handle = 0;
}

static void reset_device(struct session *session, int32_t device) {
    for (unsigned i = 0; i < handle_limit; i++) {
        const struct object *context = &session->contexts[i];
        if (context->handle != 0 && context->device == device)
            end_context(session, context->handle);
    }
}

/// What the verb makes and ends.
static void follow(struct session *session, const uint64_t *operands) {
    struct object *event;
    switch (checked->verb) {
        case FX_VERB_CONTEXT_CREATE:
            create(session->contexts, operands[0], (int32_t)operands[1], 0);
            create(session->streams, operands[2], (int32_t)operands[1], operands[0]);
            break;
        case FX_VERB_CONTEXT_DESTROY: end_context(session, operands[0]); break;
        case FX_VERB_DEVICE_RESET: reset_device(session, (int32_t)operands[0]); break;
        case FX_VERB_STREAM_CREATE:
            create(
                session->streams, operands[0], live(session->contexts, operands[1])->device,
                operands[1]);
            break;
        case FX_VERB_STREAM_DESTROY: live(session->streams, operands[0])->handle = 0; break;
        case FX_VERB_EVENT_CREATE:
            create(session->events, operands[0], (int32_t)operands[1], 0);
            break;
        case FX_VERB_EVENT_DESTROY: live(session->events, operands[0])->handle = 0; break;
        case FX_VERB_EVENT_RECORD:
            event = live(session->events, operands[0]);
            if (operands[1] == 0) fail("a record without a number", 0);
            if (operands[1] > event->records) event->records = operands[1];
            break;
        case FX_VERB_EVENT_WAIT:
        case FX_VERB_WAIT_EVENT:
        case FX_VERB_QUERY_EVENT:
            if (operands[1] > live(session->events, operands[0])->records)
                fail("a wait for a record that was not made", operands[1]);
            break;
        default: break;
    }
}

void check_record(struct session *session, const struct ring *ring, const struct fx_record *record) {
    const struct fx_verb *verb = &fx_verbs[record->verb];
    const uint64_t *operands = (const uint64_t *)(record + 1) + record->words;
    checked = record;
    check_head(session, ring, verb);
    for (unsigned i = 0, at = 0; verb->kinds[i] != FX_OPERAND_NONE; i++) {
        if (verb->kinds[i] == FX_OPERAND_VALUES) break;
        check_operand(session, ring, verb->kinds[i], &operands[at]);
        at += verb->kinds[i] == FX_OPERAND_PLACE ? 2 : 1;
    }
    follow(session, operands);
}
