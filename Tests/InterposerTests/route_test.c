// Route mode against the fake daemon: route_test CASE [DAEMON-OPTION]. Each case is a process of its own.
#include "route_cases.h"

char socket_path[64];
pid_t daemon_pid;

static const struct {
    const char *name;
    void (*body)(void);
} cases[] = {
    {"handles", handles},
    {"limits", limits},
    {"initialise", initialise},
    {"copies", copies},
    {"operations", operations},
    {"one_plan", one_plan},
    {"many_plans", many_plans},
    {"held_plans", held_plans},
    {"racing_plans", racing_plans},
    {"plans_of_lost_sessions", plans_of_lost_sessions},
    {"record_numbers", record_numbers},
    {"rings_by_device", rings_by_device},
    {"core_limits", core_limits},
    {"descriptors", descriptors},
    {"numbers", numbers},
    {"threads", threads},
    {"many_threads", many_threads},
    {"signals", signals},
    {"timeouts", timeouts},
    {"death", death},
    {"death_under_load", death_under_load},
    {"absent", absent},
    {"patient", patient},
    {"refused_version", refused_version},
    {"unsealed", unsealed},
    {"wild", wild},
    {"forks", forks},
    {"failures", failures},
    {"wild_tally", wild_tally},
};

int main(int count, char **values) {
    snprintf(socket_path, sizeof(socket_path), "/tmp/fxt-%d.sock", (int)getpid());
    setenv("FLEXNPU_SOCKET", socket_path, 1);
    setenv("FLEXNPU_MODE", "route", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (count < 2) puts(cases[i].name);
        if (count < 2 || strcmp(values[1], cases[i].name) != 0) continue;
        const char *inline_daemon[] = {count > 2 ? values[2] : NULL, NULL};
        daemon_pid = start_daemon(socket_path, inline_daemon);
        alarm(120);
        cases[i].body();
        stop_daemon(daemon_pid);
        unlink(socket_path);
        return 0;
    }
    return count < 2 ? 0 : 2;
}
