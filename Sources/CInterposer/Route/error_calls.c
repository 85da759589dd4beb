// The text and the code of what went wrong.
#include <string.h>

#include "../Generated/route.h"
#include "../Transport/state.h"

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

int32_t fx_route_aclrtPeekAtLastError(int32_t level) {
    (void)level;
    struct fx_thread *self = fx_thread_current();
    return self == NULL ? 0 : self->last_error;
}

int32_t fx_route_aclrtGetLastError(int32_t level) {
    int32_t error = fx_route_aclrtPeekAtLastError(level);
    if (error != 0) fx_thread_current()->last_error = 0;
    return error;
}
