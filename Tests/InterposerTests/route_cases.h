// What the cases of route_test share.
#ifndef ROUTE_CASES_H
#define ROUTE_CASES_H

#include "support.h"

extern char socket_path[64];
extern pid_t daemon_pid;

enum { to_device = 1, to_host = 2, on_device = 3, by_default = 4 };

static inline void fill_pattern(uint8_t *bytes, size_t count, unsigned seed) {
    for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)(i * 31 + i / 257 + seed);
}

static inline void *tensor_of(int64_t rows, void *data) {
    int64_t shape[] = {rows, 8}, strides[] = {8, 1};
    return aclCreateTensor(shape, 2, 0, strides, 0, 2, shape, 2, data);
}

/// The daemon anew, with an option and its value (NULL: none).
void restart_daemon(const char *option, const char *value);

/// A figure of the fake daemon's own (fake_verbs.c).
enum { plan_asks = 1000, kernels, last_limits, last_number, ring_count, plans_held };
static inline int64_t figure(int32_t which) {
    int64_t value = 0;
    OK(aclrtGetDeviceInfo(0, which, &value));
    return value;
}

void handles(void);
void limits(void);
void initialise(void);
void copies(void);
void operations(void);
void one_plan(void);
void many_plans(void);
void held_plans(void);
void racing_plans(void);
void plans_of_lost_sessions(void);
void record_numbers(void);
void rings_by_device(void);
void core_limits(void);
void descriptors(void);
void numbers(void);
void threads(void);
void many_threads(void);
void signals(void);
void timeouts(void);
void death(void);
void death_under_load(void);
void absent(void);
void patient(void);
void refused_version(void);
void unsealed(void);
void wild(void);
void forks(void);
void failures(void);
void wild_tally(void);

#endif
