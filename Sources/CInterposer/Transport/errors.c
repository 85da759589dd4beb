#include "errors.h"

#include <stdarg.h>
#include <stdio.h>

#include "../Generated/names.h"

static void store(struct fx_thread *self, const char *format, va_list arguments) {
    vsnprintf(self->message, sizeof(self->message), format, arguments);
    self->outcome |= FX_EXPLAINED;
}

void fx_message(struct fx_thread *self, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    store(self, format, arguments);
    va_end(arguments);
}

int32_t fx_fail(struct fx_thread *self, int32_t code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    store(self, format, arguments);
    va_end(arguments);
    return code;
}

int32_t fx_invalid(struct fx_thread *self, uint16_t function, const char *what) {
    return fx_fail(self, FX_ERROR_INVALID_PARAMETER, "%s: %s", fx_function_name(function), what);
}

int32_t fx_daemon_lost(struct fx_thread *self) {
    return fx_fail(
        self, FX_ERROR_LOST,
        "the connection to the FlexNPU daemon is lost; what the program had on the device is gone: "
        "restart the program, or call aclFinalize and aclInit once a daemon runs again");
}
