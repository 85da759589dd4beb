// floor.h: what no policy host in Lua can get under: three protected calls of empty functions, with
// a limit on their instructions and an allocator that counts.
#ifndef FLEXNPU_BENCHMARK_FLOOR_H
#define FLEXNPU_BENCHMARK_FLOOR_H

#include <stdint.h>

/// A Lua state with three empty functions; NULL where memory is short.
void *floor_open(void);
void floor_close(void *state);
/// Calls the three functions so many times.
void floor_run(void *state, int64_t rounds);

#endif
