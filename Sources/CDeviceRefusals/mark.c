#include "device_refusals.h"

const int flexnpu_device_refuses_weakly = 1;
