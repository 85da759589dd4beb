// A daemon for tests: speaks the wire, keeps device memory in its own, does everything at once.
//   fake_daemon SOCKET [--dump FILE] [--record] [--silent] [--version N] [--inline] [--unsealed] [--wild]
//     [--plan-limit N]
// --unsealed: its memory could be cut short. --wild: what it writes into rings is nonsense after some calls.
// --dump: every record as a line of text. --record: observed calls are switched on. --silent: accepts and
// never answers. --plan-limit N: plans that a session may hold. A stream created with flags 0x77 never
// finishes: waits for it end by their time limit only.
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

#include "fake_daemon.h"

static struct session *sessions[session_limit];
FILE *dump;
int wild;
static int record_all, silent, run_inline, unsealed;
static uint32_t version = FX_WIRE_VERSION, plan_limit;

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void wake(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE, 1 << 30, NULL, NULL, 0); }

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
        .plan_limit = plan_limit,
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
    session->plan_limit = plan_limit != 0 ? plan_limit : FX_PLAN_LIMIT;
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
    if (ask.kind == FX_SOCKET_RING && ring < session->rings + ring_limit && ask.b < device_count) {
        uint64_t bytes = FX_RING_DATA_OFFSET + FX_RING_BYTES;
        if (ring == session->rings + session->ring_count) session->ring_count++;
        ring->head = shared(bytes, &descriptor);
        ring->head->magic = FX_MAGIC;
        ring->head->version = FX_WIRE_VERSION;
        ring->head->data_bytes = FX_RING_BYTES;
        ring->head->thread = (uint32_t)ask.a;
        ring->head->device = (int32_t)ask.b;
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

static int serve_rings(void) {
    int progress = 0;
    for (unsigned s = 0; s < session_limit; s++)
        if (sessions[s]) progress |= take_records(sessions[s]);
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
        else if (!strcmp(values[i], "--plan-limit")) plan_limit = (uint32_t)atoi(values[++i]);
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
