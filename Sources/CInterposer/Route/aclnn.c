// The two calls of an aclnn operation, and the executor that goes from one to the other.
#include <string.h>

#include "../Generated/names.h"
#include "../Objects/context.h"
#include "../Objects/limits.h"
#include "../Objects/objects.h"
#include "../Objects/plans.h"
#include "../Observe/resolve.h"
#include "../Transport/tally.h"
#include "guard.h"
#include "phases.h"

/// Gives the daemon a plan that is new here and has it checked, so that a bad argument fails in phase
/// one as it does without us. 0 and the plan, or the device library's own error.
static int32_t make_plan(
    struct fx_thread *self, const struct fx_encoding *encoding, int32_t device,
    struct fx_plan **plan) {
    uint32_t slot;
    const struct fx_session *session = self->session;
    int32_t status = fx_plan_reserve(self, &slot);
    if (status != 0) return status;
    struct fx_call call = {
        .function = encoding->function,
        .bytes = encoding->plan,
        .byte_count = encoding->plan_bytes,
    };
    status = fx_ask_plan(
        self, &call, slot, encoding->function, encoding->values, encoding->value_count);
    if (status != 0) {
        fx_plan_give_back(session, slot);
        self->outcome &= ~(uint32_t)FX_TOLD;  // of a plan no trace tells
        return status;
    }
    *plan = fx_plan_learn(encoding, session, device, slot);
    return *plan != NULL ? 0 : fx_fail(self, FX_ERROR_OPERATION_INTERNAL, "no memory for a plan");
}

/// The executor: what phase two sends, by value. The program may free everything it passed.
static struct fx_object *new_executor(
    struct fx_thread *self, const struct fx_encoding *encoding, struct fx_plan *plan) {
    struct fx_object *executor = fx_object_new(8 * (size_t)encoding->value_count);
    if (executor == NULL) return NULL;
    fx_copy(executor->payload, encoding->values, 8 * (size_t)encoding->value_count);
    executor->count = encoding->value_count;
    executor->address = plan;
    executor->extra = (uint64_t)encoding->function << 32 | fx_limits_used(self);
    fx_object_open(executor, FX_OBJECT_EXECUTOR);
    return executor;
}

static int32_t phase_one(
    struct fx_thread *self, uint16_t function, const char *classes, uint64_t travels,
    const union fx_argument *arguments, uint64_t *workspace, void **executor) {
    if (workspace == NULL || executor == NULL)
        return fx_fail(
            self, FX_ERROR_NULL_ARGUMENT, "%s: workspaceSize or executor is NULL",
            fx_function_name(function));
    struct fx_encoding encoding;
    int32_t status = fx_encode(self, function, classes, travels, arguments, &encoding);
    if (status != 0) return status;
    int32_t device = self->device;
    struct fx_plan *plan = fx_plan_find(&encoding, self->session, device);
    if (fx_unlikely(plan == NULL) && (status = make_plan(self, &encoding, device, &plan)) != 0)
        return status;
    struct fx_object *made = new_executor(self, &encoding, plan);
    if (made == NULL) {
        fx_plan_release(plan);
        return fx_fail(self, FX_ERROR_OPERATION_INTERNAL, "no memory for an executor");
    }
    *workspace = 0;  // the daemon owns workspace
    *executor = made;
    return 0;
}

int32_t fx_route_phase_one(
    uint16_t function, const char *classes, uint64_t travels, const union fx_argument *arguments,
    uint64_t *workspace, void **executor) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status == 0)
        status = fx_end(
            self, phase_one(self, function, classes, travels, arguments, workspace, executor));
    if (fx_unlikely(status != 0) && fx_tally_wanted() && !fx_is_offered(function))
        fx_tally_refused(function);  // by the daemon, as the device lacks it
    return fx_outcome(function, status);
}

static uint16_t function_of(const struct fx_object *executor) {
    return (uint16_t)(executor->extra >> 32);
}

static void free_executor(struct fx_object *executor) {
    fx_plan_release(executor->address);
    fx_object_free(executor);
}

static int32_t launch(
    struct fx_thread *self, uint16_t function, const struct fx_object *executor, void *stream) {
    const struct fx_plan *plan = executor->address;
    struct fx_call call = {.function = function};
    if (fx_stream_resolve(self, function, stream, &call.stream) != 0) return FX_ERROR_INVALID_ARGUMENT;
    if (fx_unlikely(plan->session != self->session))
        return fx_fail(
            self, FX_ERROR_LOST, "%s: it was prepared before the connection was lost",
            fx_function_name(function));
    return fx_send_kernel(
        self, &call, plan->slot, (uint32_t)executor->extra, (const uint64_t *)executor->payload,
        executor->count);
}

static int32_t phase_two(uint16_t function, void *executor, void *stream) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    // Claimed: a second launch with it, at once or later, is an error and not a second run.
    struct fx_object *object = fx_object_get(FX_OBJECT_EXECUTOR, executor);
    if (object == NULL || fx_functions[function_of(object)].phase_two != function ||
        !fx_object_claim(FX_OBJECT_EXECUTOR, executor)) {
        status = executor == NULL ? FX_ERROR_NULL_ARGUMENT : FX_ERROR_INVALID_ARGUMENT;
        fx_message(
            self, "%s: the executor is not of this operation, or was launched or destroyed before",
            fx_function_name(function));
        return fx_end(self, status);
    }
    status = launch(self, function, object, stream);
    free_executor(object);
    return fx_end(self, status);
}

int32_t fx_route_phase_two(uint16_t function, void *executor, void *stream) {
    return fx_outcome(function, phase_two(function, executor, stream));
}

int32_t fx_route_aclDestroyAclOpExecutor(void *executor) {
    if (executor == NULL) return 0;
    if (fx_object_claim(FX_OBJECT_EXECUTOR, executor)) {
        free_executor(executor);
        return 0;
    }
    struct fx_thread *self = fx_thread_self();
    if (self != NULL)
        fx_message(self, "aclDestroyAclOpExecutor: this is no executor, or no longer one");
    return FX_ERROR_INVALID_ARGUMENT;
}

// The device library's own memory pool for small operations: the daemon's business.

int32_t fx_route_InitHugeMemThreadLocal(void *arena, bool shared) {
    (void)arena, (void)shared;
    return 0;
}

void fx_route_UnInitHugeMemThreadLocal(void *arena, bool shared) { (void)arena, (void)shared; }
void fx_route_ReleaseHugeMem(void *arena, bool shared) { (void)arena, (void)shared; }
