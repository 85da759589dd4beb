// The text and the code of what went wrong.
#include <string.h>

#include "../Generated/route.h"
#include "../Transport/errors.h"
#include "../Transport/thread.h"
#include "flexnpu_functions.h"
#include "phases.h"

/// NULL where there is none: some clients take any text for a failure. Cleared when read; the text
/// stays until the thread's next call of this.
const char *fx_route_aclGetRecentErrMsg(void) {
    struct fx_thread *self = fx_thread_current();
    if (self == NULL || self->message[0] == 0) return NULL;
    memcpy(self->returned, self->message, sizeof(self->returned));
    self->returned[sizeof(self->returned) - 1] = 0;
    self->message[0] = 0;
    return self->returned;
}

/// ACL_RT_THREAD_LEVEL, the only level that there is.
enum { thread_level = 0 };

/// The code of the thread's last call that failed, kept until it is taken. Of another level it is an
/// error itself, and that of this call.
static int32_t last_error(uint16_t function, int32_t level, int take) {
    struct fx_thread *self = fx_thread_self();
    if (level != thread_level) {
        if (self != NULL) fx_invalid(self, function, "level is not that of the thread, 0");
        return fx_failed(function, FX_ERROR_INVALID_PARAMETER);
    }
    if (self == NULL) return 0;
    int32_t error = self->last_error;
    if (take) self->last_error = 0;
    return error;
}

int32_t fx_route_aclrtPeekAtLastError(int32_t level) {
    return last_error(FX_FUNCTION_aclrtPeekAtLastError, level, 0);
}

int32_t fx_route_aclrtGetLastError(int32_t level) {
    return last_error(FX_FUNCTION_aclrtGetLastError, level, 1);
}
