// The least that anything doing the job must do, measured on this machine. Targets are ratios to these.
//
//   floors record           two time stamps, 64 bytes stored into a ring, its tail published: ns
//   floors hop [COUNT]      a record to another thread and its completion back, two rings, sustained: ns
//   floors trip [COUNT]     a word to another core and back, both spinning: ns
//   floors wake [COUNT]     an eventfd write to a sleeping thread and one back: microseconds
//   floors copy             memcpy of 256 MiB: GB/s
//   floors read FILE        a file read and summed: GB/s
//   floors disk FILE BYTES  a file written in pieces of a packet, synced each 16 MiB: GB/s; the file goes again
//
// Times are printed as p10, p50 and p99. Threads that talk to each other have a core each, where there are two.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 64, PACKET = 64 << 10, BUFFER = 1 << 20, SYNCED = 16 << 20, SECONDS = 2 };

static void fail(const char *what) {
    fprintf(stderr, "floors: %s\n", what);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/// The stamp that records carry: the processor's counter, no call.
static inline uint64_t ticks(void) {
#if defined(__x86_64__)
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
#else
    uint64_t value;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value;
#endif
}

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield");
#endif
}

/// Spins, and lets others run where the other side has no core at the moment.
static inline void spin(int *spins) {
    if (++*spins % 4096 == 0) sched_yield();
    else relax();
}

static void use_core(int number) {
    cpu_set_t all, one;
    if (sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) < 2) return;
    CPU_ZERO(&one);
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, &all) || number-- > 0) continue;
        CPU_SET(core, &one);
        sched_setaffinity(0, sizeof one, &one);
        return;
    }
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/// Prints what stands at 10, 50 and 99 of 100. The first is the floor: what others do to the machine
/// meanwhile would raise the others, and flatter what is divided by them.
static void print_sorted(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, by_size);
    printf("%f %f %f\n", values[count / 10], values[count / 2], values[count * 99 / 100]);
}

// ---- A record ----------------------------------------------------------------------------------

static struct {
    _Alignas(LINE) _Atomic uint64_t tail;
    _Alignas(LINE) uint64_t words[1 << 16];
} ring;

static void one_record(uint64_t number) {
    const uint64_t entered = ticks();
    const uint64_t tail = atomic_load_explicit(&ring.tail, memory_order_relaxed);
    uint64_t *record = &ring.words[tail & ((1 << 16) - 1)];
    for (int word = 1; word < 7; word++) record[word] = number + (uint64_t)word;
    record[0] = entered;
    record[7] = ticks() - entered;
    atomic_store_explicit(&ring.tail, tail + 8, memory_order_release);
}

static void record(void) {
    enum { ROUNDS = 101, COUNT = 20000 };
    static double took[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        const double begun = now();
        for (int i = 0; i < COUNT; i++) one_record((uint64_t)i);
        took[round] = (now() - begun) * 1e9 / COUNT;
    }
    print_sorted(took, ROUNDS);
}

// ---- A hop -------------------------------------------------------------------------------------

enum { SLOTS = 1 << 10, RECORD_WORDS = 13, DONE_WORDS = 2, CHUNK = 10000 };

/// One producer, one consumer; each keeps what it last saw of the other.
static struct {
    _Alignas(LINE) _Atomic uint64_t tail;
    _Alignas(LINE) _Atomic uint64_t head;
    _Alignas(LINE) uint64_t words[SLOTS * RECORD_WORDS];
} to, back;

static int64_t hops;
static _Atomic int64_t hops_sent = -1;  // what was sent when the time was over; -1 before
static volatile uint64_t seen;

static void *complete(void *unused) {
    (void)unused;
    use_core(1);
    uint64_t sum = 0, ready = 0;
    int spins = 0;
    for (int64_t done = 0; done != atomic_load_explicit(&hops_sent, memory_order_relaxed); done++) {
        while (ready == (uint64_t)done) {
            ready = atomic_load_explicit(&to.tail, memory_order_acquire);
            if (ready != (uint64_t)done) break;
            if (atomic_load(&hops_sent) == done) return NULL;
            spin(&spins);
        }
        spins = 0;
        const uint64_t *record = &to.words[(done & (SLOTS - 1)) * RECORD_WORDS];
        for (int word = 0; word < RECORD_WORDS; word++) sum += record[word];
        uint64_t *completion = &back.words[(done & (SLOTS - 1)) * DONE_WORDS];
        completion[0] = record[0];
        completion[1] = sum;
        // No room is asked for: there are never more records under way than slots.
        atomic_store_explicit(&back.tail, (uint64_t)done + 1, memory_order_release);
    }
    seen = sum;
    return NULL;
}

/// Sends records and takes completions until all are through or the time is over; tells when each
/// chunk was done. Returns how many chunks.
static int send_all(double *times) {
    uint64_t sum = 0;
    int64_t sent = 0, done = 0;
    int chunks = 0, spins = 0;
    while (done < hops) {
        if (done >= chunks * CHUNK) {
            times[chunks++] = now();
            if (times[chunks - 1] - times[0] > SECONDS) break;
        }
        if (sent < hops && sent - done < SLOTS) {
            uint64_t *record = &to.words[(sent & (SLOTS - 1)) * RECORD_WORDS];
            for (int word = 0; word < RECORD_WORDS; word++) record[word] = (uint64_t)(sent + word);
            atomic_store_explicit(&to.tail, (uint64_t)++sent, memory_order_release);
            if (sent < hops && sent - done < SLOTS) continue;
        }
        const int64_t ready = (int64_t)atomic_load_explicit(&back.tail, memory_order_acquire);
        if (ready == done) spin(&spins);
        else spins = 0;
        for (; done < ready; done++) sum += back.words[(done & (SLOTS - 1)) * DONE_WORDS];
    }
    if (done == hops) times[chunks++] = now();
    atomic_store(&hops_sent, sent);
    seen = sum;
    return chunks - 1;
}

static void hop(int64_t count) {
    pthread_t other;
    hops = count / CHUNK * CHUNK;
    double *times = calloc((size_t)(count / CHUNK) + 2, sizeof *times);
    if (times == NULL || hops == 0) fail("hop: a count of 10000 or more");
    use_core(0);
    if (pthread_create(&other, NULL, complete, NULL) != 0) fail("no second thread");
    const int chunks = send_all(times);
    pthread_join(other, NULL);
    // Most chunks are undisturbed, however busy the machine is.
    for (int i = 0; i < chunks; i++) times[i] = (times[i + 1] - times[i]) * 1e9 / CHUNK;
    print_sorted(times, chunks);
}

// ---- There and back ----------------------------------------------------------------------------

static struct {
    _Alignas(LINE) _Atomic int asked;
    _Alignas(LINE) _Atomic int answered;
} word;

static int bell_to, bell_back;

/// What is asked last.
enum { STOP = -1 };

static void *answer_words(void *unused) {
    (void)unused;
    use_core(1);
    for (int last = 0, next, spins = 0; last != STOP; last = next, spins = 0) {
        while ((next = atomic_load_explicit(&word.asked, memory_order_acquire)) == last) spin(&spins);
        atomic_store_explicit(&word.answered, next, memory_order_release);
    }
    return NULL;
}

static void ask_word(int number) {
    int spins = 0;
    atomic_store_explicit(&word.asked, number, memory_order_release);
    while (atomic_load_explicit(&word.answered, memory_order_acquire) != number) spin(&spins);
}

static void ring_bell(int bell, uint64_t value) {
    if (write(bell, &value, sizeof value) != sizeof value) fail("eventfd write");
}

static uint64_t hear_bell(int bell) {
    uint64_t value;
    if (read(bell, &value, sizeof value) != sizeof value) fail("eventfd read");
    return value;
}

static void *answer_bells(void *unused) {
    (void)unused;
    use_core(1);
    uint64_t heard;
    do {
        heard = hear_bell(bell_to);
        ring_bell(bell_back, 1);
    } while (heard == 1);
    return NULL;
}

static void ask_bell(int number) {
    ring_bell(bell_to, number == STOP ? 2 : 1);
    hear_bell(bell_back);
}

static void there_and_back(int count, void *(*answer)(void *), void (*ask)(int), double unit) {
    pthread_t other;
    double *took = calloc((size_t)count, sizeof *took);
    use_core(0);
    if (took == NULL || pthread_create(&other, NULL, answer, NULL) != 0) fail("no second thread");
    const double until = now() + SECONDS;
    int asked = 0;
    while (asked < count && now() < until) {
        const double begun = now();
        ask(asked + 1);
        took[asked++] = (now() - begun) * unit;
    }
    ask(STOP);
    pthread_join(other, NULL);
    print_sorted(took, asked);
}

// ---- Bytes -------------------------------------------------------------------------------------

static char *filled(size_t bytes) {
    char *memory = malloc(bytes);
    if (memory == NULL) fail("no memory");
    memset(memory, 1, bytes);
    return memory;
}

static void copy(void) {
    const size_t bytes = 256u << 20;
    char *from = filled(bytes), *into = filled(bytes);
    double took[5];
    for (int round = 0; round < 5; round++) {
        const double begun = now();
        memcpy(into, from, bytes);
        took[round] = now() - begun;
        from[round] = into[bytes - 1 - (size_t)round];
    }
    qsort(took, 5, sizeof *took, by_size);
    printf("%f\n", (double)bytes / took[2] * 1e-9);
}

static void read_file(const char *path) {
    char *buffer = filled(BUFFER);
    const double begun = now();
    const int file = open(path, O_RDONLY);
    if (file < 0) fail(path);
    uint64_t sum = 0;
    ssize_t got, all = 0;
    while ((got = read(file, buffer, BUFFER)) > 0) {
        for (ssize_t at = 0; at + 8 <= got; at += 8) {
            uint64_t value;
            memcpy(&value, buffer + at, 8);
            sum += value;
        }
        all += got;
    }
    seen = sum;
    printf("%f\n", (double)all / (now() - begun) * 1e-9);
}

static void write_file(const char *path, int64_t bytes) {
    char *buffer = filled(PACKET);
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0) fail(path);
    const double begun = now();
    for (int64_t at = 0; at < bytes; at += PACKET) {
        if (write(file, buffer, PACKET) != PACKET) fail("the disk is full");
        const int is_last = at + PACKET >= bytes || (at + PACKET) % SYNCED == 0;
        if (is_last && fdatasync(file) != 0) fail("fdatasync");
    }
    printf("%f\n", (double)bytes / (now() - begun) * 1e-9);
    unlink(path);
}

int main(int count, char **values) {
    const char *what = count > 1 ? values[1] : "";
    const int64_t number = count > 2 ? atoll(values[2]) : 0;
    if (strcmp(what, "record") == 0) return record(), 0;
    if (strcmp(what, "hop") == 0) return hop(number > 0 ? number : 1000000), 0;
    if (strcmp(what, "trip") == 0) {
        return there_and_back(number > 0 ? (int)number : 20000, answer_words, ask_word, 1e9), 0;
    }
    if (strcmp(what, "wake") == 0) {
        bell_to = eventfd(0, 0), bell_back = eventfd(0, 0);
        return there_and_back(number > 0 ? (int)number : 5000, answer_bells, ask_bell, 1e6), 0;
    }
    if (strcmp(what, "copy") == 0) return copy(), 0;
    if (strcmp(what, "read") == 0 && count > 2) return read_file(values[2]), 0;
    if (strcmp(what, "disk") == 0 && count > 3) return write_file(values[2], atoll(values[3])), 0;
    fail("which floor? record hop trip wake copy read disk");
}
