// A daemon for tests: speaks the wire, keeps device memory in its own, does everything at once.
//   fake_daemon SOCKET [--dump FILE] [--record] [--silent] [--version N] [--inline] [--unsealed] [--wild]
// --unsealed: its memory could be cut short. --wild: what it writes into rings is nonsense after some calls.
// --dump: every record as a line of text. --record: observed calls are switched on. --silent: accepts and never
// answers. A stream created with flags 0x77 never finishes: waits for it end by their time limit only.
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "flexnpu_functions.h"
#include "flexnpu_wire.h"

enum { session_limit = 64, ring_limit = 256, block_limit = 4096, device_count = 2 };

struct ring {
    struct fx_ring *head;
    uint64_t position;
    uint64_t waiting_until;  // a wait for a stream that never finishes: when it ends, in ms; 0: none
    uint32_t waiting_sequence;
};
struct block {
    uint8_t *memory;
    uint64_t bytes;
};
struct session {
    int socket, doorbell, mode;
    struct fx_session_page *page;
    uint8_t *staging;
    struct ring rings[ring_limit];
    unsigned ring_count;
    struct block device[block_limit], host[block_limit];
    uint64_t stuck[64];
    unsigned device_blocks, host_blocks, stuck_count, signatures, handled;
};
static struct session *sessions[session_limit];
static FILE *dump;
static int record_all, silent, run_inline, unsealed, wild;
static uint32_t version = FX_WIRE_VERSION;

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wake(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE, 1 << 30, NULL, NULL, 0); }

static void *shared(uint64_t bytes, int *descriptor) {
    *descriptor = memfd_create("fake", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*descriptor < 0 || ftruncate(*descriptor, (off_t)bytes) != 0) abort();
    if (!unsealed) fcntl(*descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *descriptor, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void send_with(int to, const void *bytes, size_t count, const int *descriptors, unsigned n) {
    char control[CMSG_SPACE(4 * sizeof(int))] = {0};
    struct iovec part = {(void *)bytes, count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (n > 0) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(n * sizeof(int));
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(head), descriptors, n * sizeof(int));
    }
    if (sendmsg(to, &message, MSG_NOSIGNAL) < 0) perror("sendmsg");
    for (unsigned i = 0; i < n; i++) close(descriptors[i]);
}

static int read_all(int from, void *bytes, size_t count) {
    return recv(from, bytes, count, MSG_WAITALL) == (ssize_t)count ? 0 : -1;
}

// ---- Handshake ---------------------------------------------------------------------------------

static void greet(int client) {
    struct fx_hello hello;
    static char text[FX_HELLO_TEXT_LIMIT + 1];
    if (read_all(client, &hello, sizeof(hello)) != 0 || hello.text_bytes > FX_HELLO_TEXT_LIMIT ||
        (hello.text_bytes && read_all(client, text, hello.text_bytes) != 0)) {
        close(client);
        return;
    }
    text[hello.text_bytes] = 0;
    if (dump) fprintf(dump, "hello mode=%u pid=%d %s", hello.mode, hello.pid, text), fflush(dump);
    struct fx_welcome welcome = {
        .magic = FX_MAGIC,
        .version = version,
        .device_count = device_count,
        .stream_limit = 64,
        .event_limit = 1000,
        .run_inline = (uint32_t)run_inline,
        .soc_name = "Ascend910B2",
    };
    if (version != FX_WIRE_VERSION || hello.table_hash != FX_TABLE_HASH) {
        welcome.status = FX_WELCOME_VERSION;
        strcpy(welcome.message, "another version");
        send_with(client, &welcome, sizeof(welcome), NULL, 0);
        close(client);
        return;
    }
    struct session *session = calloc(1, sizeof(*session));
    unsigned place = 0;
    while (place < session_limit - 1 && sessions[place]) place++;
    int descriptors[3];
    session->socket = client;
    session->mode = (int)hello.mode;
    session->page = shared(sizeof(*session->page), &descriptors[0]);
    session->doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    descriptors[1] = dup(session->doorbell);
    session->staging = shared((uint64_t)FX_STAGING_SLOTS * FX_STAGING_SLOT_BYTES, &descriptors[2]);
    session->page->magic = FX_MAGIC;
    session->page->version = FX_WIRE_VERSION;
    session->page->daemon_state = FX_DAEMON_ALIVE;
    if (record_all) memset(session->page->recorded, 1, FX_FUNCTION_LIMIT);
    welcome.page_bytes = sizeof(*session->page);
    welcome.staging_bytes = (uint64_t)FX_STAGING_SLOTS * FX_STAGING_SLOT_BYTES;
    sessions[place] = session;
    send_with(client, &welcome, sizeof(welcome), descriptors, 3);
}

static void serve_socket(struct session *session) {
    struct fx_socket_ask ask;
    if (read_all(session->socket, &ask, sizeof(ask)) != 0) {
        uint64_t dropped = 0;
        for (unsigned r = 0; r < session->ring_count; r++)
            if (session->rings[r].head) dropped += session->rings[r].head->dropped;
        if (dump) fprintf(dump, "gone, dropped=%llu\n", (unsigned long long)dropped), fflush(dump);
        if (getenv("FAKE_DAEMON_STATISTICS")) fprintf(stderr, "dropped %llu\n", (unsigned long long)dropped);
        close(session->socket);
        session->socket = -1;
        return;
    }
    struct fx_socket_answer answer = {0};
    int descriptor;
    struct ring *ring = session->rings;
    while (ring < session->rings + ring_limit && ring->head) ring++;
    if (ask.kind == FX_SOCKET_RING && ring < session->rings + ring_limit) {
        uint64_t bytes = FX_RING_DATA_OFFSET + FX_RING_BYTES;
        if (ring == session->rings + session->ring_count) session->ring_count++;
        ring->head = shared(bytes, &descriptor);
        ring->head->magic = FX_MAGIC;
        ring->head->version = FX_WIRE_VERSION;
        ring->head->data_bytes = FX_RING_BYTES;
        ring->head->thread = (uint32_t)ask.a;
        answer.a = FX_RING_BYTES;
    } else if (ask.kind == FX_SOCKET_HOST_MEMORY && session->host_blocks < block_limit) {
        struct block *block = &session->host[session->host_blocks];
        block->bytes = (ask.a + 4095) & ~4095ull;
        block->memory = shared(block->bytes, &descriptor);
        answer.a = session->host_blocks++;
        answer.b = block->bytes;
    } else {
        answer.status = 207001;
        strcpy(answer.message, "no more");
        send_with(session->socket, &answer, sizeof(answer), NULL, 0);
        return;
    }
    send_with(session->socket, &answer, sizeof(answer), &descriptor, 1);
}

// ---- Records -----------------------------------------------------------------------------------

static void answer(
    struct ring *ring, uint32_t sequence, int32_t status, uint64_t word0, uint64_t word1,
    const void *bytes, uint32_t count) {
    struct fx_ring *head = ring->head;
    head->reply_status = status;
    head->reply_words[0] = word0;
    head->reply_words[1] = word1;
    head->reply_bytes = count;
    if (count) memcpy(head->reply, bytes, count);
    __atomic_store_n(&head->reply_sequence, sequence, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&head->reply_waiting, __ATOMIC_SEQ_CST)) wake(&head->reply_sequence);
}

static void free_slot(struct session *session, uint64_t offset) {
    __atomic_store_n(
        &session->page->staging_slot[offset / FX_STAGING_SLOT_BYTES], 0, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&session->page->staging_freed, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&session->page->staging_waiting, __ATOMIC_SEQ_CST))
        wake(&session->page->staging_freed);
}

static uint8_t *place_of(struct session *session, uint64_t space, uint64_t at, const uint8_t *own) {
    switch (space) {
        case FX_SPACE_DEVICE: return (uint8_t *)at;
        case FX_SPACE_STAGING: return session->staging + at;
        case FX_SPACE_HOST: return session->host[at >> 40].memory + (at & ((1ull << 40) - 1));
        default: return (uint8_t *)own;
    }
}

static void copy(struct session *session, const uint64_t *operands, const uint8_t *bytes) {
    memcpy(
        place_of(session, operands[0], operands[1], NULL),
        place_of(session, operands[2], operands[3], bytes), operands[4]);
    if (operands[0] == FX_SPACE_STAGING) free_slot(session, operands[1]);
    if (operands[2] == FX_SPACE_STAGING) free_slot(session, operands[3]);
}

/// Device memory: whole 2 MiB granules at addresses of its own, as a device library would have
/// them.
static uint64_t allocate(struct session *session, uint64_t bytes) {
    static uint64_t next = 0x200000000000ull;
    uint64_t rounded = (bytes + (2 << 20) - 1) & ~((2ull << 20) - 1);
    void *memory = mmap(
        (void *)next, rounded, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    if (memory == MAP_FAILED || session->device_blocks == block_limit) return 0;
    next += rounded;
    session->device[session->device_blocks++] = (struct block){memory, rounded};
    return (uint64_t)memory;
}

static int is_stuck(struct session *session, uint64_t stream) {
    for (unsigned i = 0; i < session->stuck_count; i++)
        if (session->stuck[i] == stream) return 1;
    return 0;
}

static void handle(struct session *session, struct ring *ring, const struct fx_record *record) {
    const uint64_t *words = (const uint64_t *)(record + 1);
    const uint64_t *operands = words + record->words;
    const uint8_t *bytes = (const uint8_t *)(operands + record->operands);
    int ask = record->flags & FX_FLAG_ASK;
    int32_t status = 0;
    uint64_t word0 = 0, word1 = 0;
    char text[64] = "";
    switch (record->verb) {
        case FX_VERB_MALLOC:
            word0 = operands[1] > 1ull << 40 ? 0 : allocate(session, operands[1]);
            if (word0 == 0) status = 207001, strcpy(text, "out of device memory");
            break;
        case FX_VERB_STREAM_CREATE:
            if (operands[3] == 0x77) session->stuck[session->stuck_count++ % 64] = operands[0];
            break;
        case FX_VERB_SIGNATURE:
            // aclnnMul stands for an operation that refuses its arguments.
            if (operands[0] == FX_FUNCTION_aclnnMulGetWorkspaceSize)
                status = 161002, strcpy(text, "the device refuses");
            word0 = ++session->signatures;
            break;
        case FX_VERB_COPY: copy(session, operands, bytes); break;
        case FX_VERB_FILL: memset((void *)operands[0], (int)operands[1], operands[2]); break;
        case FX_VERB_QUERY:
            word0 = operands[1];
            word1 = 42;
            snprintf(text, sizeof(text), "text of %llu", (unsigned long long)operands[0]);
            break;
        case FX_VERB_QUERY_EVENT: word0 = 0; break;
        case FX_VERB_QUERY_STREAM: word0 = (uint64_t)is_stuck(session, record->stream); break;
        case FX_VERB_WAIT_STREAM:
            if (!is_stuck(session, record->stream)) break;
            ring->waiting_sequence = record->sequence;
            ring->waiting_until = UINT64_MAX;
            if ((int64_t)operands[0] >= 0) ring->waiting_until = (uint64_t)now_ms() + operands[0];
            return;
        default: break;
    }
    if (ask) answer(ring, record->sequence, status, word0, word1, text, (uint32_t)strlen(text));
}

static void print(const struct ring *ring, const struct fx_record *record) {
    const uint64_t *words = (const uint64_t *)(record + 1);
    fprintf(
        dump, "record thread=%u sequence=%u function=%u verb=%u flags=%u result=%d words=",
        ring->head->thread, record->sequence, record->function, record->verb, record->flags,
        record->result);
    for (unsigned i = 0; i < record->words; i++) fprintf(dump, "%s%llx", i ? "," : "", (unsigned long long)words[i]);
    fprintf(dump, " bytes=%.*s\n", (int)record->bytes, (const char *)(words + record->words + record->operands));
    fflush(dump);
}

static int drain(struct session *session, struct ring *ring) {
    struct fx_ring *head = ring->head;
    uint64_t tail = __atomic_load_n(&head->tail, __ATOMIC_SEQ_CST);
    if (tail == ring->position) return 0;
    unsigned taken = 0;
    while (ring->position != tail) {
        const uint8_t *data = (const uint8_t *)head + FX_RING_DATA_OFFSET;
        const struct fx_record *record =
            (const struct fx_record *)(data + (ring->position & (FX_RING_BYTES - 1)));
        if (record->size < 8 || record->size % 8 != 0 || record->size > tail - ring->position) abort();
        if (record->function != FX_RECORD_PADDING) {
            if (dump) print(ring, record);
            handle(session, ring, record);
        }
        ring->position += record->size;
        // Space is given back in batches, as a daemon that drains would.
        if (wild && session->handled++ > 2000) {
            memset((uint8_t *)head + 128, 0xA5, 64);
            head->reply_bytes = 0xFFFFFFFF;
        }
        if (++taken % 64 != 0 && ring->position != tail && !(record->flags & FX_FLAG_ASK)) continue;
        if (!wild) __atomic_store_n(&head->head, ring->position, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&head->producer_waiting, __ATOMIC_SEQ_CST)) {
            __atomic_add_fetch(&head->space_freed, 1, __ATOMIC_SEQ_CST);
            wake(&head->space_freed);
        }
    }
    return 1;
}

static int serve_rings(void) {
    int progress = 0;
    for (unsigned s = 0; s < session_limit; s++) {
        struct session *session = sessions[s];
        for (unsigned r = 0; session && r < session->ring_count; r++) {
            struct ring *ring = &session->rings[r];
            if (!ring->head) continue;
            uint32_t finished = __atomic_load_n(&ring->head->finished, __ATOMIC_SEQ_CST);
            progress |= drain(session, ring);
            if (finished) {
                munmap(ring->head, FX_RING_DATA_OFFSET + FX_RING_BYTES);
                *ring = (struct ring){0};
                continue;
            }
            if (ring->waiting_until && (uint64_t)now_ms() >= ring->waiting_until) {
                ring->waiting_until = 0;
                answer(ring, ring->waiting_sequence, 507046, 0, 0, "timed out", 9);
            }
        }
    }
    return progress;
}

static void set_sleeping(uint32_t sleeping) {
    for (unsigned s = 0; s < session_limit; s++)
        if (sessions[s])
            __atomic_store_n(&sessions[s]->page->daemon_sleeping, sleeping, __ATOMIC_SEQ_CST);
}

static void sleep_for_work(int listener) {
    struct pollfd wanted[1 + 2 * session_limit] = {{listener, POLLIN, 0}};
    struct session *whose[1 + 2 * session_limit];
    unsigned count = 1;
    for (unsigned s = 0; s < session_limit; s++) {
        if (!sessions[s] || sessions[s]->socket < 0) continue;
        whose[count] = sessions[s];
        wanted[count++] = (struct pollfd){sessions[s]->socket, POLLIN, 0};
        whose[count] = sessions[s];
        wanted[count++] = (struct pollfd){sessions[s]->doorbell, POLLIN, 0};
    }
    set_sleeping(1);
    int ready = serve_rings() ? poll(wanted, count, 0) : poll(wanted, count, 5);
    set_sleeping(0);
    if (ready <= 0) return;
    for (unsigned i = 1; i < count; i++) {
        if (!wanted[i].revents) continue;
        uint64_t rings;
        if (i % 2 == 1)
            serve_socket(whose[i]);
        else if (read(wanted[i].fd, &rings, sizeof(rings)) < 0 && errno != EAGAIN)
            perror("doorbell");
    }
    if (wanted[0].revents) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0 && !silent) greet(client);
    }
}

int main(int count, char **values) {
    signal(SIGPIPE, SIG_IGN);
    for (int i = 2; i < count; i++) {
        if (!strcmp(values[i], "--dump")) dump = fopen(values[++i], "w");
        else if (!strcmp(values[i], "--record")) record_all = 1;
        else if (!strcmp(values[i], "--silent")) silent = 1;
        else if (!strcmp(values[i], "--inline")) run_inline = 1;
        else if (!strcmp(values[i], "--unsealed")) unsealed = 1;
        else if (!strcmp(values[i], "--wild")) wild = 1;
        else if (!strcmp(values[i], "--version")) version = (uint32_t)atoi(values[++i]);
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", values[1]);
    unlink(address.sun_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 64))
        return 1;
    for (;;)
        if (!serve_rings()) sleep_for_work(listener);
}
