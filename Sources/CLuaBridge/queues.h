// queues.h: the operations a policy was given and the queues they wait in. Plain C, no Lua.
//
// An operation waits in one queue at most. A pop is a wish: what was popped in a call and neither
// returned nor pushed again goes back to where it was (fxl_settle).
#ifndef FLEXNPU_LUA_QUEUES_H
#define FLEXNPU_LUA_QUEUES_H

#include "lua_bridge.h"

#define FXL_NONE UINT32_MAX
#define FXL_DEVICES 32
// Of all tables that a policy's queues find operations and clients by. One queue of all operations
// that a policy may know takes an eighth of it.
#define FXL_QUEUE_BYTES_LIMIT (64u << 20)

typedef struct fxl_queue fxl_queue;

enum { FXL_FREE = 0, FXL_READY, FXL_DISPATCHED };

typedef struct {
    fxl_operation facts;
    fxl_queue *queue;   // where it waits
    fxl_queue *origin;  // where it was popped from in this call, or dispatched from
    double key;         // in a heap
    uint64_t order;     // ties in a heap; counts pushes
    uint64_t arrival;   // counts what became ready
    int64_t charged_ns; // by a fair queue, at dispatch
    uint32_t next, previous;   // in its queue
    uint32_t newer, older;     // in the list of its phase, by arrival
    uint32_t next_popped;
    uint32_t line;      // that popped it
    uint32_t client;    // index
    uint8_t state;
    uint8_t told_phase;  // by the scheduler, which counts what is in flight by it
    bool popped;        // in this call, and not pushed again
    bool in_popped;     // linked in the list of popped operations
} fxl_entry;

typedef struct {
    char *key, *value;
} fxl_label;

typedef struct {
    uint32_t id;
    bool used;
    bool attached;
    double weight;
    char *name;
    fxl_label *labels;
    uint32_t label_count;
    uint32_t operations;  // entries that name it
} fxl_client;

/// Items in ascending order of (key, order), each findable by number.
typedef struct {
    struct fxl_heap_node { double key; uint64_t order; uint32_t item; } *nodes;
    uint32_t *places;  // by item; FXL_NONE: not in the heap
    uint32_t count, capacity, place_count;
} fxl_heap;

typedef struct {
    uint32_t head, tail;
} fxl_list;

/// One client's part of a fair queue.
typedef struct {
    fxl_list list;
    double virtual_time;
} fxl_flow;

enum { FXL_FIFO = 1, FXL_HEAP, FXL_FAIR, FXL_BUCKET };

struct fxl_queue {
    int32_t kind;
    uint32_t count;
    uint32_t origins;  // entries whose origin it is
    uint64_t counted_bytes;  // of its tables, as they are counted in the scheduler's
    bool orphan;       // the script forgot it while operations still pointed at it
    fxl_list list;             // fifo, bucket
    fxl_heap heap;             // heap: places of operations; fair: clients with work
    fxl_flow *flows;           // fair, by client index
    uint32_t flow_count;
    double virtual_time;       // fair
    double rate, burst, tokens;  // bucket: operations a second, operations
    int64_t filled_at;
    fxl_queue *next, *previous;  // all queues of the policy
};

typedef struct {
    fxl_entry *entries;  // of the operations that are known; places are reused
    uint32_t capacity, known, ready;
    uint32_t free;       // list of the places that are free
    uint32_t *places;    // by the slot of an operation's id; FXL_NONE: not known
    uint32_t place_count;
    fxl_list phases[4];
    uint32_t ready_by[FXL_DEVICES][4];  // device (the last stands for all above), phase
    // What must be added to the scheduler's counts of operations in flight where `classify` named
    // another phase than the scheduler knows.
    int32_t reclassified[FXL_DEVICES][4];
    uint32_t popped;  // list of the operations popped in this call, last first
    fxl_client *clients;
    uint32_t client_count;
    uint32_t *client_index;  // open addressing, by id
    uint32_t client_index_size;
    fxl_queue *queues;
    uint32_t queue_count;
    uint64_t queue_bytes;  // that the queues' own tables take
    uint64_t pushes, arrivals;
} fxl_scheduler;

void fxl_scheduler_init(fxl_scheduler *scheduler);
void fxl_scheduler_free(fxl_scheduler *scheduler);

// Operations (operations.c)
/// The place of a known operation's entry, or FXL_NONE.
static inline uint32_t fxl_find(const fxl_scheduler *scheduler, uint64_t id) {
    uint32_t slot = (uint32_t)id;
    if (slot >= scheduler->place_count) return FXL_NONE;
    uint32_t place = scheduler->places[slot];
    return place != FXL_NONE && scheduler->entries[place].facts.id == id ? place : FXL_NONE;
}
/// Takes an operation in; FXL_NONE when there are too many or memory is short.
uint32_t fxl_insert(fxl_scheduler *scheduler, const fxl_operation *facts, uint8_t state);
void fxl_erase(fxl_scheduler *scheduler, uint32_t place);
/// The operation went to the device: it leaves its queue, which accounts for it.
void fxl_commit(fxl_scheduler *scheduler, uint32_t place);
void fxl_set_phase(fxl_scheduler *scheduler, uint32_t place, uint8_t phase);

static inline uint32_t fxl_device_row(int32_t device) {
    return device >= 0 && device < FXL_DEVICES ? (uint32_t)device : FXL_DEVICES - 1;
}

// Clients (clients.c)
/// The client's index, made on first sight; FXL_NONE when memory is short.
uint32_t fxl_client_index(fxl_scheduler *scheduler, uint32_t id);
uint32_t fxl_find_client(const fxl_scheduler *scheduler, uint32_t id);
bool fxl_describe_client(
    fxl_scheduler *scheduler, uint32_t index, const char *name, double weight, uint32_t count,
    const char *const *keys, const char *const *values);
const char *fxl_client_label(const fxl_client *client, const char *key);
/// Frees the client's place once it is detached and has no operations.
void fxl_release_client(fxl_scheduler *scheduler, uint32_t index);
void fxl_free_clients(fxl_scheduler *scheduler);

// Queues (queues.c)
fxl_queue *fxl_queue_create(fxl_scheduler *scheduler, int32_t kind);
/// Frees the queue, now or when its last operation has left.
void fxl_queue_release(fxl_scheduler *scheduler, fxl_queue *queue);
/// False when memory is short, or the queues have too much of it.
bool fxl_push(fxl_scheduler *scheduler, fxl_queue *queue, uint32_t place, double key);
/// The operation that would be popped next, or FXL_NONE.
uint32_t fxl_peek(fxl_scheduler *scheduler, fxl_queue *queue, int64_t now);
/// The same among the operations of one device.
uint32_t fxl_peek_for(fxl_scheduler *scheduler, fxl_queue *queue, int64_t now, int32_t device);
/// The first operation of a list that is for the device, or FXL_NONE.
uint32_t fxl_first_for(const fxl_scheduler *scheduler, const fxl_list *list, int32_t device);
/// Takes the operation out of its queue, as a wish.
void fxl_take(fxl_scheduler *scheduler, uint32_t place);
/// Takes the operation out of its queue for good.
void fxl_unlink(fxl_scheduler *scheduler, uint32_t place);
/// Puts back what was popped in this call and not pushed again.
void fxl_settle(fxl_scheduler *scheduler);
/// Charges a client's part of a fair queue.
void fxl_charge_flow(
    fxl_scheduler *scheduler, fxl_queue *queue, uint32_t client, int64_t nanoseconds);
/// Puts a client so far ahead of a fair queue's time.
void fxl_set_lead(fxl_queue *queue, uint32_t client, double lead);
/// Nanoseconds until a bucket has a token; 0 now.
int64_t fxl_bucket_wait(fxl_queue *queue, int64_t now);

// Heaps (heap.c)
static inline bool fxl_heap_before(
    const struct fxl_heap_node *a, const struct fxl_heap_node *b
) {
    return a->key < b->key || (a->key == b->key && a->order < b->order);
}
bool fxl_heap_insert(fxl_heap *heap, uint32_t item, double key, uint64_t order);
void fxl_heap_remove(fxl_heap *heap, uint32_t item);
void fxl_heap_update(fxl_heap *heap, uint32_t item, double key);
static inline bool fxl_heap_has(const fxl_heap *heap, uint32_t item) {
    return item < heap->place_count && heap->places[item] != FXL_NONE;
}
void fxl_heap_free(fxl_heap *heap);

#endif
