// The layouts are all in the header; this file makes the compiler check them.
#include "flexnpu_wire.h"
