// limits.h: how many cores operations may take: of a device, of a stream, of what a thread prepares.
#ifndef FX_LIMITS_H
#define FX_LIMITS_H

#include "../Transport/state.h"

/// aclrtDevResLimitType.
enum { FX_CUBE_CORES, FX_VECTOR_CORES, FX_RESOURCE_COUNT };
/// What a KERNEL's operand has room for; no chip comes near.
enum { FX_CORE_LIMIT = 0xFFFF };

/// Limits are one word, as a KERNEL carries them: vector cores << 16 | cube cores; 0 for none.
uint32_t fx_limits_cores(uint64_t limits, int32_t resource);
void fx_limits_set(uint64_t *limits, int32_t resource, uint32_t cores);

uint64_t *fx_limits_of_device(int32_t device);
/// 0 where there is no such stream.
uint64_t fx_limits_of_stream(uint64_t stream);
/// The limits of the stream whose limits the thread uses; 0: none.
uint32_t fx_limits_used(struct fx_thread *self);

/// Forgets what was set for devices: it belonged to a session that is no more.
void fx_limits_forget(void);

#endif
