// What the parts of `unusual` share: a count of checks, and vectors of floats on the device.
#ifndef UNUSUAL_H
#define UNUSUAL_H

#include "ascendcl.h"

void check(int held, const char *file, int line, const char *text);
void check_equal(long long got, long long expected, const char *file, int line, const char *text);
#define CHECK(condition) check((condition) != 0, __FILE__, __LINE__, #condition)
#define EQUAL(expression, expected)                                                                \
    check_equal((expression), (expected), __FILE__, __LINE__, #expression)

enum { COUNT = 4096 };

/// COUNT floats on the device, all of them `value`.
float *make_floats(float value);
/// Whether all COUNT floats have this value now. Does not wait for any stream.
int all_are(const float *floats, float value);
/// target += amount × source, on `stream`. Returns the first status that is not 0.
int add_on(float *target, const float *source, float amount, void *stream);
/// Phase one of the same; `executor` is NULL where it fails.
int prepare_add(float *target, const float *source, float amount, void **executor);

void streams_in_unusual_ways(void);
void events_in_unusual_ways(void);
void memory_in_unusual_ways(int queued);
void tensors_in_unusual_ways(void);
void executors_in_unusual_ways(void);
void threads_in_unusual_ways(void);

#endif
