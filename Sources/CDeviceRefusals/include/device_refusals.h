// device_refusals.h: how a library says that its weak functions refuse.
#ifndef DEVICE_REFUSALS_H
#define DEVICE_REFUSALS_H

/// 1. That it is there is what tells.
extern const int flexnpu_device_refuses_weakly;

#endif
