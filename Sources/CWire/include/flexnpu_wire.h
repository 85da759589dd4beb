// flexnpu_wire.h: what libflexnpu.so and the daemon say to each other, byte by byte.
//
// One socket carries the handshake and file descriptors; one shared ring per program thread carries
// call records; one shared page per session carries switches. Everything is little-endian and 8-byte
// aligned. Changed a layout? Bump FX_WIRE_VERSION.
//
//   version | change
//   1       | first
//   2       | plans and values instead of signatures; numbered records of events; a ring a device;
//           | limits of cores
//           | fx_record is laid out as an event of a CTF packet; observed records carry the exit stamp
#ifndef FLEXNPU_WIRE_H
#define FLEXNPU_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "flexnpu_verbs.h"

#define FX_WIRE_VERSION 2u
#define FX_MAGIC 0x31575846u /* "FXW1" */

// ---------------------------------------------------------------------------------------------
// Socket: a Unix stream socket. The peer says hello, the daemon answers with a welcome.

enum { FX_HELLO_PROGRAM = 1, FX_HELLO_COMMAND = 2 };
enum { FX_MODE_OBSERVE = 1, FX_MODE_ROUTE = 2 };

/// First bytes on a connection, followed by `text_bytes` of "key=value\n" lines: `program`, `label.KEY`,
/// `thread`, and the environment that CANN reads (`env.ASCEND_RT_VISIBLE_DEVICES` …).
struct fx_hello {
    uint32_t magic;
    uint32_t version;
    uint32_t kind;        // FX_HELLO_*
    uint32_t mode;        // FX_MODE_*, 0 for a command
    int32_t pid;
    uint32_t text_bytes;  // at most FX_HELLO_TEXT_LIMIT
    uint64_t table_hash;  // FX_TABLE_HASH of the API table the library was generated from; 0 for a command
    uint64_t reserved[4];
};
#define FX_HELLO_TEXT_LIMIT 65536u

enum {
    FX_WELCOME_OK = 0,
    FX_WELCOME_VERSION = 1,  // another FX_WIRE_VERSION
    FX_WELCOME_TABLE = 2,    // another API table
    FX_WELCOME_DENIED = 3,   // another user
    FX_WELCOME_LIMIT = 4,    // too many sessions
    FX_WELCOME_REFUSED = 5,  // an environment setting that cannot be honoured; `message` names it
};

/// The daemon's answer. To a program it carries three descriptors (SCM_RIGHTS), in this order:
/// the session page, the doorbell eventfd, the staging area.
struct fx_welcome {
    uint32_t magic;
    uint32_t version;
    int32_t status;  // FX_WELCOME_*
    uint32_t session;
    uint64_t page_bytes;
    uint64_t staging_bytes;
    uint32_t device_count;
    uint32_t stream_limit;  // streams one session may hold
    uint32_t event_limit;
    uint32_t run_inline;    // 1: small operations run on the daemon's loop; a short spin pays
    uint32_t plan_limit;    // plans one session may hold; 0: FX_PLAN_LIMIT
    uint32_t reserved0;
    uint64_t reserved[3];
    char soc_name[64];
    char message[256];  // why, when status is not FX_WELCOME_OK
};

/// What a program asks over the socket after the handshake (only what needs descriptors).
enum {
    FX_SOCKET_RING = 1,         // a: thread id, b: device     → a: ring bytes, + one descriptor
    FX_SOCKET_HOST_MEMORY = 2,  // a: bytes                    → a: block id, b: mapped bytes, + one descriptor
};
struct fx_socket_ask {
    uint32_t kind;
    uint32_t reserved;
    uint64_t a, b, c;
    char text[32];  // FX_SOCKET_RING: the thread's name
};
struct fx_socket_answer {
    int32_t status;  // 0 or an aclError
    uint32_t reserved;
    uint64_t a, b;
    char message[168];
};

// ---------------------------------------------------------------------------------------------
// Session page: switches that the daemon sets and the program reads.

#define FX_FUNCTION_LIMIT 8192u
#define FX_PLAN_LIMIT 16384u
#define FX_STAGING_SLOTS 64u
#define FX_STAGING_SLOT_BYTES (1u << 20)

enum { FX_DAEMON_ALIVE = 1, FX_DAEMON_GONE = 2 };

/// Whether calls of a function are recorded (observe). With nobody listening all are OFF but those
/// that wait for a device anyway: these ASK, which is how a program learns now and then that its
/// daemon is gone.
enum { FX_RECORDED_OFF = 0, FX_RECORDED_ON = 1, FX_RECORDED_ASK = 2 };

struct fx_session_page {
    uint32_t magic;
    uint32_t version;
    uint32_t daemon_state;     // FX_DAEMON_*; GONE is also learned from the socket's hang-up
    uint32_t daemon_sleeping;  // 1: write to the doorbell after publishing a record
    uint32_t staging_freed;    // futex: bumped whenever a staging slot becomes free
    uint32_t staging_waiting;  // 1: somebody sleeps on staging_freed
    uint8_t pad0[40];
    // One byte a function: FX_RECORDED_*.
    uint8_t recorded[FX_FUNCTION_LIMIT];
    // One word a slot: the program stores 1 when it takes a slot, the daemon 0 when it is done with it.
    uint32_t staging_slot[FX_STAGING_SLOTS];
};

// ---------------------------------------------------------------------------------------------
// Tally: counters by function that `flexnpu run` gives to its program (FLEXNPU_TALLY), read at its end.

struct fx_tally {
    uint32_t magic;
    uint32_t reserved;
    uint64_t table_hash;  // FX_TABLE_HASH of who made it
    uint32_t refused[FX_FUNCTION_LIMIT];
    uint32_t sought[FX_FUNCTION_LIMIT];  // by dlsym
};

// ---------------------------------------------------------------------------------------------
// Ring: one per program thread and device. The thread produces, the daemon consumes. A record never
// wraps: where it would, a padding record (function FX_RECORD_PADDING) fills the end.

#define FX_RING_DATA_OFFSET 8192u
#define FX_RING_BYTES (1u << 20)           /* data bytes, a power of two */
#define FX_RECORD_LIMIT (FX_RING_BYTES / 2) /* the largest record; a larger call is refused by name */
#define FX_REPLY_BYTES 4096u

struct fx_ring {
    uint32_t magic;
    uint32_t version;
    uint32_t data_bytes;
    uint32_t thread;
    int32_t device;  // whose records it carries (route); 0 in observe mode
    uint8_t pad0[44];
    // Producer's line.
    uint64_t tail;     // bytes ever written; release-stored after a record is whole
    uint64_t dropped;  // records lost because the ring was full (observe)
    uint32_t finished; // 1: the thread is gone; the daemon drains the ring and lets it go
    uint8_t pad1[44];
    // Consumer's line.
    uint64_t head;              // bytes ever consumed
    uint32_t space_freed;       // futex: bumped when head moves while producer_waiting is 1
    uint32_t producer_waiting;  // 1: the producer sleeps until there is space
    uint8_t pad2[48];
    // Answer to the one outstanding ask of this thread.
    uint32_t reply_sequence;  // futex: sequence of the last record that was answered
    uint32_t reply_waiting;   // 1: the thread sleeps on reply_sequence
    int32_t reply_status;     // aclError
    uint32_t reply_bytes;     // of `reply` that count
    uint64_t reply_words[4];
    uint8_t pad3[16];
    uint8_t reply[FX_REPLY_BYTES];  // query results; or, when reply_status is not 0, the error text
};

#define FX_RECORD_PADDING 0xFFFFu

enum {
    FX_FLAG_ASK = 1,        // the thread waits for reply_sequence == sequence
    FX_FLAG_NESTED = 2,     // made inside another intercepted call (observe)
    FX_FLAG_TRUNCATED = 4,  // arguments did not fit and were cut
    FX_FLAG_QUIET = 8,      // does the work, but is no call of its own (a chunk of a long copy): not traced
};

/// A call. Then `words` 64-bit words (the call's parameters in declared order; see below), `operands`
/// 64-bit words (what the daemon works from; by verb), `bytes` bytes (padded to 8).
///
/// Parameter words: integers sign- or zero-extended, float and double as the bits of a double,
/// pointers and handles as they are; an out-parameter as what it points to after the call; a string
/// as (offset << 32 | length) into `bytes`; an array the same, of its elements. What a word is comes
/// from the API table. A 64-bit result (pointer, size_t, uint64_t) is one more word at the end.
///
/// The order of the fields is that of a CTF event: `function` and `ticks` are the event's header (what
/// is between them is skipped as padding), the rest of the head is its context, and what follows
/// its fields. So a piece of a
/// ring can be written into a trace as it lies (see Sources/Trace/README.md). For the same reason a
/// thread's stamps never go backwards: an observed call is written when it returns and carries the
/// stamp of its return; a routed one is written when it begins and carries that stamp.
struct fx_record {
    uint16_t function;  // id in the API table, or FX_RECORD_PADDING
    uint8_t verb;       // FX_VERB_*
    uint8_t flags;      // FX_FLAG_*
    uint32_t size;      // of all of it: head, words, operands and padded bytes, nothing else
    uint64_t ticks;           // rdtsc / cntvct; observe: at exit; route: at entry
    uint64_t duration_ticks;  // observe: exit − enter; route: 0, the daemon learns it
    uint64_t stream;          // virtual stream handle (route) or the program's own (observe); 0: none
    uint32_t sequence;  // counts this ring's records from 1; a gap is a loss
    int32_t result;     // observe: the call's result; route: 0
    uint32_t bytes;
    uint16_t operands;
    uint16_t words;
};

/// Where one end of a copy lies.
enum {
    FX_SPACE_DEVICE = 0,   // a device address
    FX_SPACE_STAGING = 1,  // an offset in the staging area; its slot is freed when the copy is done
    FX_SPACE_HOST = 2,     // (block id << 40) | offset, of aclrtMallocHost memory
    FX_SPACE_INLINE = 3,   // in the record's own bytes (source only), at most FX_INLINE_LIMIT
};
#define FX_INLINE_LIMIT 4096u

// ---------------------------------------------------------------------------------------------
// Plan and values: the arguments of an aclnn operation. The plan is what does not change from call to
// call: one item an argument, in the order of the class letters (Sources/AscendCL/Table/letters.tsv).
// Each item starts with a head; what follows is padded to 8 bytes. `null` 1 and 2: nothing follows.
//
//   T  view_dims × i64 shape, view_dims × i64 strides, i64 0, storage_dims × i64 storage shape
//   L  count × T items        C  count × S items
//   S  16 bytes of value      I  count × i64     B  count bytes     G  count floats
//   s  count bytes            i w b  i64         f d  double
//
// The values are 64-bit words, the operands of each launch, in the same order. Which arguments have
// theirs there is Sources/AscendCL/Table/values.tsv's word; a tensor always has.
//
//   T  address, view offset in elements (a NULL tensor: none)     L  the same for each that is not NULL
//   S  low, high    C  the same for each    i w b  the integer    f d  the bits of a double
//   I  count words  G  (count + 1) / 2      B  (count + 7) / 8

struct fx_item {
    uint8_t kind;          // the class letter
    uint8_t null;          // 1: the argument is NULL; 2: its value travels with the launch
    uint8_t view_dims;     // T
    uint8_t storage_dims;  // T
    int16_t type;          // T S: aclDataType
    int16_t format;        // T: aclFormat
    uint32_t count;        // L C I B G s: elements or bytes
    uint32_t reserved;
};

_Static_assert(sizeof(struct fx_hello) == 64, "fx_hello");
_Static_assert(sizeof(struct fx_welcome) == 400, "fx_welcome");
_Static_assert(sizeof(struct fx_socket_ask) == 64, "fx_socket_ask");
_Static_assert(sizeof(struct fx_socket_answer) == 192, "fx_socket_answer");
_Static_assert(offsetof(struct fx_session_page, recorded) == 64, "recorded");
_Static_assert(offsetof(struct fx_tally, refused) == 16, "tally");
_Static_assert(offsetof(struct fx_ring, tail) == 64, "tail");
_Static_assert(offsetof(struct fx_ring, head) == 128, "head");
_Static_assert(offsetof(struct fx_ring, reply_sequence) == 192, "reply");
_Static_assert(offsetof(struct fx_ring, reply) == 256, "reply bytes");
_Static_assert(sizeof(struct fx_ring) <= FX_RING_DATA_OFFSET, "ring head");
_Static_assert(sizeof(struct fx_record) == 48, "fx_record");
_Static_assert(sizeof(struct fx_item) == 16, "fx_item");

#endif
