#include "connect.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flexnpu_functions.h"
#include "socket.h"
#include "system.h"

/// The settings of CANN that belong to the program rather than to the daemon. Read by name: walking
/// `environ` while another thread calls setenv could read freed memory.
static const char *const settings[] = {
    "ASCEND_RT_VISIBLE_DEVICES", "ASCEND_VISIBLE_DEVICES",   "ASCEND_DEVICE_ID",
    "ASCEND_CUSTOM_OPP_PATH",    "ASCEND_LAUNCH_BLOCKING",   "ASCEND_MAX_OP_CACHE_SIZE",
    "ASCEND_OPP_PATH",           "ASCEND_GLOBAL_LOG_LEVEL",  "HCCL_CONNECT_TIMEOUT",
    "HCCL_EXEC_TIMEOUT",         "HCCL_WHITELIST_DISABLE",   "HCCL_WHITELIST_FILE",
    "HCCL_IF_IP",                "HCCL_IF_BASE_PORT",        "HCCL_SOCKET_IFNAME",
    "HCCL_SOCKET_FAMILY",        "HCCL_BUFFSIZE",            "HCCL_DETERMINISTIC",
    "HCCL_ALGO",                 "HCCL_INTRA_PCIE_ENABLE",   "HCCL_INTRA_ROCE_ENABLE",
    "HCCL_OP_EXPANSION_MODE",    "HCCL_RDMA_TC",             "HCCL_RDMA_SL",
    "HCCL_RDMA_TIMEOUT",         "HCCL_RDMA_RETRY_CNT",
};

/// The text of the hello: bounded, a line that does not fit is left out.
struct text {
    char *bytes;
    size_t used, limit;
};

static void add_line(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t room = text->limit - text->used;
    int length = vsnprintf(text->bytes + text->used, room, format, arguments);
    va_end(arguments);
    if (length > 0 && (size_t)length < room) text->used += (size_t)length;
}

/// FLEXNPU_LABELS, "k=v,k=v", as one line each.
static void add_labels(struct text *text) {
    const char *labels = secure_getenv("FLEXNPU_LABELS");
    while (labels != NULL && *labels != 0) {
        size_t length = strcspn(labels, ",\n");
        const char *equals = memchr(labels, '=', length);
        if (equals != NULL && equals != labels)
            add_line(text, "label.%.*s\n", (int)length, labels);
        labels += length;
        if (*labels != 0) labels++;
    }
}

static void add_settings(struct text *text) {
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        const char *value = getenv(settings[i]);
        if (value != NULL && strchr(value, '\n') == NULL)
            add_line(text, "env.%s=%s\n", settings[i], value);
    }
}

static int say_hello(int socket_fd, uint32_t mode, int64_t deadline) {
    char bytes[sizeof(struct fx_hello) + 8192];
    struct text text = {bytes + sizeof(struct fx_hello), 0, 8192};
    add_line(&text, "program=%s\n", program_invocation_short_name);
    add_line(&text, "thread=%ld\n", (long)syscall(SYS_gettid));
    add_labels(&text);
    add_settings(&text);
    struct fx_hello hello = {
        .magic = FX_MAGIC,
        .version = FX_WIRE_VERSION,
        .kind = FX_HELLO_PROGRAM,
        .mode = mode,
        .pid = getpid(),
        .text_bytes = (uint32_t)text.used,
        .table_hash = FX_TABLE_HASH,
    };
    memcpy(bytes, &hello, sizeof(hello));
    if (fx_socket_send(socket_fd, bytes, sizeof(hello) + text.used, deadline) == 0) return 0;
    // A daemon that refuses may have closed before it had read all: its reason is there to be read.
    return errno == EPIPE || errno == ECONNRESET ? 0 : -1;
}

static int refused(const struct fx_welcome *welcome, char *why, size_t why_bytes) {
    if (welcome->magic != FX_MAGIC) {
        snprintf(why, why_bytes, "what listens at FLEXNPU_SOCKET is not a FlexNPU daemon");
        return 1;
    }
    if (welcome->status == FX_WELCOME_OK && welcome->version == FX_WIRE_VERSION) return 0;
    snprintf(
        why, why_bytes, "the FlexNPU daemon refused this program: %.*s",
        (int)sizeof(welcome->message),
        welcome->message[0] ? welcome->message : "it is of another version");
    return 1;
}

int fx_connect(
    struct fx_connection *connection, uint32_t mode, int64_t deadline, char *why,
    size_t why_bytes) {
    *connection = (struct fx_connection){-1, -1, -1, -1, {0}};
    const char *path = secure_getenv("FLEXNPU_SOCKET");
    if (path == NULL || *path == 0) {
        snprintf(why, why_bytes, "FLEXNPU_SOCKET is not set; start the program with flexnpu run");
        errno = EINVAL;
        return -1;
    }
    int socket_fd = fx_socket_connect(path);
    if (socket_fd < 0) {
        int error = errno;
        snprintf(
            why, why_bytes, "no FlexNPU daemon answers at %s (%s); start one with flexnpu daemon",
            path, strerrordesc_np(error));
        errno = error;
        return -1;
    }
    int descriptors[3] = {-1, -1, -1};
    struct fx_welcome *welcome = &connection->welcome;
    if (say_hello(socket_fd, mode, deadline) != 0 ||
        fx_socket_receive(socket_fd, welcome, sizeof(*welcome), descriptors, 3, deadline) != 0) {
        snprintf(
            why, why_bytes, "the FlexNPU daemon at %s did not answer (%s)", path,
            strerrordesc_np(errno));
    } else {
        welcome->message[sizeof(welcome->message) - 1] = 0;
        welcome->soc_name[sizeof(welcome->soc_name) - 1] = 0;
        if (!refused(welcome, why, why_bytes)) {
            connection->socket = socket_fd;
            connection->page = descriptors[0];
            connection->doorbell = descriptors[1];
            connection->staging = descriptors[2];
            return 0;
        }
    }
    fx_descriptors_close(descriptors, 3);
    close(socket_fd);
    errno = EPROTO;
    return -1;
}
