// libelf, as the system has it.
#include <gelf.h>
#include <libelf.h>
