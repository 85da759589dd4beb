// A program that speaks to the daemon by hand: it says hello, takes a ring, and writes whatever it likes into
// it. Each verb, with no operands, zeros, ones, its own handles, stale ones and other programs', at any time
// stamp, asking and telling.
//
//   stranger SOCKET MODE SEED     MODE 1 observes, 2 routes; prints "N records, M answered, K sessions"
//
// Exit code 1: an ask of a session that lives was not answered within ten seconds, or the daemon does not take
// it any more.
#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "flexnpu_functions.h"
#include "flexnpu_wire.h"

struct session {
    int socket, doorbell;
    struct fx_session_page *page;
    struct fx_ring *ring;
    uint8_t *data;
    uint64_t capacity;
    uint32_t sequence;
    uint64_t stream, event, address;
};

static uint64_t seed;
static unsigned long records, answered, sessions;

static uint64_t next_random(void) {
    seed += 0x9e3779b97f4a7c15u;
    uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

static void fail(const char *what) {
    printf("%s: %s\n", what, strerror(errno));
    exit(1);
}

// ---- The socket --------------------------------------------------------------------------------

/// Receives `size` bytes and up to three descriptors.
static int receive(int socket, void *bytes, size_t size, int *descriptors) {
    size_t done = 0;
    while (done < size) {
        char control[CMSG_SPACE(3 * sizeof(int))];
        struct iovec part = {(char *)bytes + done, size - done};
        struct msghdr message = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
        if (count <= 0) return -1;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        if (head != NULL && head->cmsg_type == SCM_RIGHTS)
            memcpy(descriptors, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
        done += (size_t)count;
    }
    return 0;
}

static void *map(int descriptor, size_t bytes) {
    void *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (place == MAP_FAILED) fail("mmap");
    close(descriptor);
    return place;
}

static int open_session(struct session *session, const char *path, uint32_t mode) {
    memset(session, 0, sizeof *session);
    session->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connect(session->socket, (struct sockaddr *)&address, sizeof address) != 0) return -1;
    const char text[] = "program=stranger\n";
    struct fx_hello hello = {
        .magic = FX_MAGIC, .version = FX_WIRE_VERSION, .kind = FX_HELLO_PROGRAM, .mode = mode, .pid = getpid(),
        .text_bytes = sizeof text - 1, .table_hash = FX_TABLE_HASH};
    if (write(session->socket, &hello, sizeof hello) != (ssize_t)sizeof hello) return -1;
    if (write(session->socket, text, sizeof text - 1) < 0) return -1;
    struct fx_welcome welcome;
    int descriptors[3] = {-1, -1, -1};
    if (receive(session->socket, &welcome, sizeof welcome, descriptors) != 0) return -1;
    if (welcome.status != FX_WELCOME_OK) {
        printf("not welcome: %s\n", welcome.message);
        return -1;
    }
    session->page = map(descriptors[0], sizeof *session->page);
    session->doorbell = descriptors[1];
    close(descriptors[2]);
    struct fx_socket_ask ask = {.kind = FX_SOCKET_RING, .a = 1, .b = 0};
    if (write(session->socket, &ask, sizeof ask) != (ssize_t)sizeof ask) return -1;
    struct fx_socket_answer answer;
    if (receive(session->socket, &answer, sizeof answer, descriptors) != 0 || answer.status != 0) return -1;
    session->capacity = answer.a;
    session->ring = map(descriptors[0], FX_RING_DATA_OFFSET + session->capacity);
    session->data = (uint8_t *)session->ring + FX_RING_DATA_OFFSET;
    sessions++;
    return 0;
}

static void close_session(struct session *session) {
    munmap(session->page, sizeof *session->page);
    munmap(session->ring, FX_RING_DATA_OFFSET + session->capacity);
    close(session->doorbell);
    close(session->socket);
}

static int is_served(struct session *session) {
    return __atomic_load_n(&session->page->daemon_state, __ATOMIC_ACQUIRE) == FX_DAEMON_ALIVE;
}

// ---- The ring ----------------------------------------------------------------------------------

static void ring_doorbell(struct session *session) {
    uint64_t one = 1;
    if (write(session->doorbell, &one, sizeof one) < 0) return;
}

static void wait_on(uint32_t *word, uint32_t value, long milliseconds) {
    struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    syscall(SYS_futex, word, FUTEX_WAIT, value, &limit, NULL, 0);
}

/// Publishes a record. −1: the daemon takes nothing any more.
static int publish(
    struct session *session, unsigned verb, unsigned flags, uint64_t stream, uint64_t ticks, uint16_t function,
    const uint64_t *operands, unsigned count, const void *bytes, uint32_t byte_count) {
    struct fx_ring *ring = session->ring;
    uint32_t size = (uint32_t)sizeof(struct fx_record) + 8 * count + ((byte_count + 7) & ~7u);
    uint64_t tail = ring->tail, until_end = session->capacity - tail % session->capacity;
    uint64_t padding = size <= until_end ? 0 : until_end;
    while (session->capacity - (tail - __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE)) < size + padding) {
        if (!is_served(session)) return -1;
        uint32_t freed = __atomic_load_n(&ring->space_freed, __ATOMIC_ACQUIRE);
        __atomic_store_n(&ring->producer_waiting, 1, __ATOMIC_SEQ_CST);
        ring_doorbell(session);
        wait_on(&ring->space_freed, freed, 100);
    }
    if (padding != 0) {
        uint64_t word = padding << 32 | FX_RECORD_PADDING;
        memcpy(session->data + tail % session->capacity, &word, 8);
        tail += padding;
    }
    struct fx_record record = {
        .function = function, .verb = (uint8_t)verb, .flags = (uint8_t)flags, .size = size, .ticks = ticks,
        .stream = stream, .sequence = ++session->sequence, .bytes = byte_count, .operands = (uint16_t)count};
    uint8_t *place = session->data + tail % session->capacity;
    memcpy(place, &record, sizeof record);
    if (count != 0) memcpy(place + sizeof record, operands, 8 * count);
    if (byte_count != 0) memcpy(place + sizeof record + 8 * count, bytes, byte_count);
    __atomic_store_n(&ring->tail, tail + size, __ATOMIC_SEQ_CST);
    records++;
    if (__atomic_load_n(&session->page->daemon_sleeping, __ATOMIC_SEQ_CST) != 0) ring_doorbell(session);
    return 0;
}

/// Waits for the answer of the last record. Returns its status; 1: the session is over.
static int32_t wait_for_answer(struct session *session, unsigned verb) {
    struct fx_ring *ring = session->ring;
    for (int turn = 0; turn < 100; turn++) {
        uint32_t told = __atomic_load_n(&ring->reply_sequence, __ATOMIC_ACQUIRE);
        if (told == session->sequence) {
            answered++;
            return ring->reply_status;
        }
        if (!is_served(session)) return 1;
        __atomic_store_n(&ring->reply_waiting, 1, __ATOMIC_SEQ_CST);
        wait_on(&ring->reply_sequence, told, 100);
    }
    printf("verb %u is never answered\n", verb);
    exit(1);
}

static uint64_t stamp(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    uint64_t value;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value;
#endif
}

static int32_t ask(struct session *session, unsigned verb, uint64_t stream, const uint64_t *operands, unsigned count) {
    if (publish(session, verb, FX_FLAG_ASK, stream, stamp(), 1, operands, count, NULL, 0) != 0) return 1;
    return wait_for_answer(session, verb);
}

// ---- What it writes ----------------------------------------------------------------------------

static uint64_t handle(uint64_t kind, uint64_t index) { return 0x4658ull << 48 | kind << 44 | 1ull << 24 | index; }

/// A session with something of everything, where it is a routed one.
static int prepare(struct session *session, uint32_t mode) {
    if (mode != 2) return 0;
    const uint64_t context[] = {handle(1, 0), 0, handle(2, 1000)};
    const uint64_t stream[] = {handle(2, 0), handle(1, 0), 0, 0}, event[] = {handle(3, 0), 0, 0};
    const uint64_t memory[] = {0, 1 << 20, 0};
    if (ask(session, FX_VERB_CONTEXT_CREATE, 0, context, 3) != 0) return -1;
    if (ask(session, FX_VERB_STREAM_CREATE, 0, stream, 4) != 0) return -1;
    if (publish(session, FX_VERB_EVENT_CREATE, 0, 0, stamp(), 1, event, 3, NULL, 0) != 0) return -1;
    if (ask(session, FX_VERB_MALLOC, 0, memory, 3) != 0) return -1;
    session->address = session->ring->reply_words[0];
    session->stream = stream[0];
    session->event = event[0];
    return 0;
}

static uint64_t any_word(struct session *session) {
    const uint64_t words[] = {
        0, 1, 7, UINT64_MAX, 1ull << 63, (1ull << 63) - 1, 1ull << 32, (1ull << 46) - 1,
        session->stream, session->event, session->address, session->address + 4096,
        handle(1, 0), handle(2, 0) + (1 << 24), handle(2, 1), handle(2, 32767)};
    uint64_t choice = next_random();
    return choice % 8 == 0 ? next_random() : words[choice / 8 % (sizeof words / 8)];
}

static uint64_t any_time(void) {
    switch (next_random() % 8) {
        case 0: return 0;
        case 1: return UINT64_MAX;
        case 2: return next_random();
        default: return stamp();
    }
}

/// One record of `verb`; `pattern` says what its operands are.
static int write_any(struct session *session, unsigned verb, unsigned pattern, uint32_t mode) {
    uint64_t operands[8];
    uint8_t bytes[256];
    unsigned count = pattern == 0 ? 0 : pattern < 4 ? 7 : (unsigned)(next_random() % 8);
    for (unsigned i = 0; i < count; i++)
        operands[i] = pattern == 1 ? 0 : pattern == 2 ? UINT64_MAX : pattern == 3 ? session->stream : any_word(session);
    uint32_t byte_count = pattern < 4 ? 0 : (uint32_t)(next_random() % sizeof bytes);
    for (uint32_t i = 0; i < byte_count; i++) bytes[i] = (uint8_t)next_random();
    // A wait without a limit for what was never enqueued would be the program's own doing, and there is none.
    unsigned asks = mode == 2 && next_random() % 2 == 0;
    uint64_t stream = next_random() % 4 != 0 ? session->stream : any_word(session);
    uint16_t function = (uint16_t)(next_random() % FX_FUNCTION_LIMIT);
    unsigned flags = asks ? FX_FLAG_ASK : 0;
    if (publish(session, verb, flags, stream, any_time(), function, operands, count, bytes, byte_count) != 0)
        return 1;
    return asks ? wait_for_answer(session, verb) == 1 : !is_served(session);
}

/// Breaks the ring itself, as its session's last act.
static void break_ring(struct session *session) {
    struct fx_ring *ring = session->ring;
    switch (next_random() % 5) {
        case 0: __atomic_store_n(&ring->tail, next_random(), __ATOMIC_SEQ_CST); break;
        case 1: ring->dropped = next_random(); break;
        case 2:
            for (unsigned i = 0; i < 4096; i++)
                session->data[next_random() % session->capacity] = (uint8_t)next_random();
            __atomic_store_n(&ring->tail, ring->tail + next_random() % 65536 / 8 * 8, __ATOMIC_SEQ_CST);
            break;
        case 3: ring->finished = 1; break;
        default: memset(session->page, (int)next_random(), sizeof *session->page); break;
    }
    ring_doorbell(session);
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    const char *path = arguments[1];
    uint32_t mode = (uint32_t)atoi(arguments[2]);
    seed = strtoull(arguments[3], NULL, 0);
    static const unsigned beyond[] = {64, 127, 200, 255};
    for (unsigned verb = 0; verb < 56 + 4; verb++) {
        struct session session;
        if (open_session(&session, path, mode) != 0 || prepare(&session, mode) != 0)
            fail("the daemon takes no session");
        for (unsigned turn = 0; turn < 40; turn++)
            if (write_any(&session, verb < 56 ? verb : beyond[verb - 56], turn < 8 ? turn / 2 : 4, mode) != 0) break;
        break_ring(&session);
        close_session(&session);
    }
    printf("%lu records, %lu answered, %lu sessions\n", records, answered, sessions);
    return 0;
}
