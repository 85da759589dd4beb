// The module is its headers; a C target needs one file.
#include "CLinux.h"
