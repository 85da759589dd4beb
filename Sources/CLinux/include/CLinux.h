// CLinux.h: the parts of Linux that Swift's Glibc module leaves out.
#ifndef FX_LINUX_H
#define FX_LINUX_H

#include "clinux.h"
#include "linux_clock.h"
#include "linux_events.h"
#include "linux_memory.h"
#include "linux_process.h"
#include "linux_socket.h"

#endif
