// The two calls of an aclnn operation, and the executor that goes from one to the other.
#include <string.h>

#include "context.h"
#include "guard.h"
#include "names.h"
#include "objects.h"
#include "signature.h"

/// Has the daemon check a signature that is new here, so that a bad argument fails in phase one as
/// it does without us. 0 and the id, or the device library's own error.
static int32_t check(struct fx_thread *self, struct fx_signature *signature, uint32_t *id) {
    struct fx_reply reply;
    signature->addresses[-1] = signature->function;
    struct fx_call call = {
        .function = signature->function,
        .verb = FX_VERB_SIGNATURE,
        .enter = fx_ticks_ordered(),
        .operands = signature->addresses - 1,
        .operand_count = signature->address_count + 1,
        .bytes = signature->bytes,
        .byte_count = signature->byte_count,
    };
    int32_t status = fx_ask(self, &call, &reply);
    if (status != 0) return status;
    *id = (uint32_t)reply.words[0];
    fx_signature_learn(signature, self->session, *id);
    return 0;
}

/// The executor: what phase two sends, by value. The program may free everything it passed.
static struct fx_object *new_executor(const struct fx_signature *signature, uint32_t id) {
    struct fx_object *executor = fx_object_new(8 * (1 + (size_t)signature->address_count));
    if (executor == NULL) return NULL;
    uint64_t *operands = (uint64_t *)executor->payload;
    operands[0] = id;
    fx_copy(operands + 1, signature->addresses, 8 * (size_t)signature->address_count);
    executor->count = 1 + signature->address_count;
    executor->extra = signature->function;
    fx_object_open(executor, FX_OBJECT_EXECUTOR);
    return executor;
}

static int32_t phase_one(
    struct fx_thread *self, uint16_t function, const char *classes,
    const union fx_argument *arguments, uint64_t *workspace, void **executor) {
    if (workspace == NULL || executor == NULL)
        return fx_fail(
            self, FX_ERROR_NULL_ARGUMENT, "%s: workspaceSize or executor is NULL",
            fx_function_name(function));
    struct fx_signature signature;
    int32_t status = fx_signature_encode(self, function, classes, arguments, &signature);
    if (status != 0) return status;
    uint32_t id = fx_signature_known(&signature, self->session);
    if (fx_unlikely(id == 0) && (status = check(self, &signature, &id)) != 0) return status;
    struct fx_object *made = new_executor(&signature, id);
    if (made == NULL) return fx_fail(self, FX_ERROR_OPERATION, "no memory for an executor");
    *workspace = 0;  // the daemon owns workspace
    *executor = made;
    return 0;
}

int32_t fx_route_phase_one(
    uint16_t function, const char *classes, const union fx_argument *arguments,
    uint64_t *workspace, void **executor) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    return fx_end(self, phase_one(self, function, classes, arguments, workspace, executor));
}

static int32_t launch(
    struct fx_thread *self, uint16_t function, struct fx_object *executor, void *stream) {
    uint64_t handle;
    if (fx_stream_resolve(self, function, stream, &handle) != 0) return FX_ERROR_ARGUMENT;
    struct fx_call call = {
        .function = function,
        .verb = FX_VERB_KERNEL,
        .enter = fx_ticks_ordered(),
        .stream = handle,
        .operands = (const uint64_t *)executor->payload,
        .operand_count = executor->count,
    };
    return fx_send(self, &call);
}

int32_t fx_route_phase_two(uint16_t function, void *executor, void *stream) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    // Claimed: a second launch with it, at once or later, is an error and not a second run.
    struct fx_object *object = fx_object_get(FX_OBJECT_EXECUTOR, executor);
    if (object == NULL || fx_functions[object->extra].phase_two != function ||
        !fx_object_claim(FX_OBJECT_EXECUTOR, executor)) {
        status = executor == NULL ? FX_ERROR_NULL_ARGUMENT : FX_ERROR_ARGUMENT;
        fx_message(
            self, "%s: the executor is not of this operation, or was launched or destroyed before",
            fx_function_name(function));
        return fx_end(self, status);
    }
    status = launch(self, function, object, stream);
    fx_object_free(object);
    return fx_end(self, status);
}

int32_t fx_route_aclDestroyAclOpExecutor(void *executor) {
    if (executor == NULL || fx_object_end(FX_OBJECT_EXECUTOR, executor)) return 0;
    struct fx_thread *self = fx_thread_self();
    if (self != NULL)
        fx_message(self, "aclDestroyAclOpExecutor: this is no executor, or no longer one");
    return FX_ERROR_ARGUMENT;
}

// The device library's own memory pool for small operations: the daemon's business.

int32_t fx_route_InitHugeMemThreadLocal(void *arena, bool shared) {
    (void)arena, (void)shared;
    return 0;
}

void fx_route_UnInitHugeMemThreadLocal(void *arena, bool shared) { (void)arena, (void)shared; }
void fx_route_ReleaseHugeMem(void *arena, bool shared) { (void)arena, (void)shared; }
