// libffi: calls to functions whose shape is known only from the API table.
#include <ffi.h>
