// The four kinds of queue. What they have in common: an operation is in one at most, and a pop can
// be taken back.
#include "queues.h"

#include <math.h>
#include <stdlib.h>

// MARK: Lists of operations

static void append(fxl_scheduler *scheduler, fxl_list *list, uint32_t place) {
    fxl_entry *entry = &scheduler->entries[place];
    entry->next = FXL_NONE;
    entry->previous = list->tail;
    if (list->tail == FXL_NONE) list->head = place;
    else scheduler->entries[list->tail].next = place;
    list->tail = place;
}

static void prepend(fxl_scheduler *scheduler, fxl_list *list, uint32_t place) {
    fxl_entry *entry = &scheduler->entries[place];
    entry->previous = FXL_NONE;
    entry->next = list->head;
    if (list->head == FXL_NONE) list->tail = place;
    else scheduler->entries[list->head].previous = place;
    list->head = place;
}

static void detach(fxl_scheduler *scheduler, fxl_list *list, uint32_t place) {
    fxl_entry *entry = &scheduler->entries[place];
    if (entry->previous == FXL_NONE) list->head = entry->next;
    else scheduler->entries[entry->previous].next = entry->next;
    if (entry->next == FXL_NONE) list->tail = entry->previous;
    else scheduler->entries[entry->next].previous = entry->previous;
}

// MARK: Life of a queue

fxl_queue *fxl_queue_create(fxl_scheduler *scheduler, int32_t kind) {
    fxl_queue *queue = calloc(1, sizeof *queue);
    if (!queue) return NULL;
    queue->kind = kind;
    queue->list = (fxl_list){FXL_NONE, FXL_NONE};
    queue->next = scheduler->queues;
    if (queue->next) queue->next->previous = queue;
    scheduler->queues = queue;
    scheduler->queue_count++;
    return queue;
}

/// What grows with the operations and the clients that a queue has seen.
static uint64_t bytes_of(const fxl_queue *queue) {
    const fxl_heap *heap = &queue->heap;
    return heap->capacity * (uint64_t)sizeof *heap->nodes
        + heap->place_count * (uint64_t)sizeof *heap->places
        + queue->flow_count * (uint64_t)sizeof *queue->flows;
}

static void count_bytes(fxl_scheduler *scheduler, fxl_queue *queue) {
    uint64_t bytes = bytes_of(queue);
    scheduler->queue_bytes += bytes - queue->counted_bytes;
    queue->counted_bytes = bytes;
}

static void queue_free(fxl_scheduler *scheduler, fxl_queue *queue) {
    scheduler->queue_bytes -= queue->counted_bytes;
    if (queue->previous) queue->previous->next = queue->next;
    else scheduler->queues = queue->next;
    if (queue->next) queue->next->previous = queue->previous;
    scheduler->queue_count--;
    fxl_heap_free(&queue->heap);
    free(queue->flows);
    free(queue);
}

void fxl_queue_release(fxl_scheduler *scheduler, fxl_queue *queue) {
    queue->orphan = true;
    if (!queue->count && !queue->origins) queue_free(scheduler, queue);
}

/// `origin` is what keeps a forgotten queue alive, so it changes here only.
static void set_origin(fxl_scheduler *scheduler, fxl_entry *entry, fxl_queue *queue) {
    fxl_queue *old = entry->origin;
    if (old == queue) return;
    if (queue) queue->origins++;
    entry->origin = queue;
    if (old && --old->origins == 0 && old->orphan && !old->count) queue_free(scheduler, old);
}

// MARK: Fair queues

static fxl_flow *flow_of(fxl_queue *queue, uint32_t client) {
    if (client >= queue->flow_count) {
        uint32_t count = queue->flow_count ? queue->flow_count : 16;
        while (count <= client) count *= 2;
        fxl_flow *flows = realloc(queue->flows, count * sizeof *flows);
        if (!flows) return NULL;
        for (uint32_t i = queue->flow_count; i < count; i++) {
            flows[i] = (fxl_flow){{FXL_NONE, FXL_NONE}, 0};
        }
        queue->flows = flows;
        queue->flow_count = count;
    }
    return &queue->flows[client];
}

/// A client that comes back after idling starts at the queue's time: it saves no credit up.
static bool flow_add(
    fxl_scheduler *scheduler, fxl_queue *queue, uint32_t place, bool at_head
) {
    uint32_t client = scheduler->entries[place].client;
    fxl_flow *flow = flow_of(queue, client);
    if (!flow) return false;
    if (flow->list.head == FXL_NONE) {
        if (!at_head && flow->virtual_time < queue->virtual_time) {
            flow->virtual_time = queue->virtual_time;
        }
        uint64_t id = scheduler->clients[client].id;
        if (!fxl_heap_insert(&queue->heap, client, flow->virtual_time, id)) return false;
    }
    if (at_head) prepend(scheduler, &flow->list, place);
    else append(scheduler, &flow->list, place);
    return true;
}

static void flow_remove(fxl_scheduler *scheduler, fxl_queue *queue, uint32_t place) {
    uint32_t client = scheduler->entries[place].client;
    fxl_flow *flow = &queue->flows[client];
    detach(scheduler, &flow->list, place);
    if (flow->list.head == FXL_NONE) fxl_heap_remove(&queue->heap, client);
}

void fxl_charge_flow(
    fxl_scheduler *scheduler, fxl_queue *queue, uint32_t client, int64_t nanoseconds
) {
    fxl_flow *flow = flow_of(queue, client);
    count_bytes(scheduler, queue);
    if (!flow) return;
    flow->virtual_time += (double)nanoseconds / scheduler->clients[client].weight;
    if (fxl_heap_has(&queue->heap, client)) {
        fxl_heap_update(&queue->heap, client, flow->virtual_time);
    }
}

void fxl_set_lead(fxl_queue *queue, uint32_t client, double lead) {
    fxl_flow *flow = flow_of(queue, client);
    if (!flow) return;
    flow->virtual_time = queue->virtual_time + lead;
    if (fxl_heap_has(&queue->heap, client)) {
        fxl_heap_update(&queue->heap, client, flow->virtual_time);
    }
}

// MARK: Buckets

static void bucket_fill(fxl_queue *queue, int64_t now) {
    if (now <= queue->filled_at) return;
    double tokens = queue->tokens + (double)(now - queue->filled_at) * queue->rate / 1e9;
    queue->tokens = tokens < queue->burst ? tokens : queue->burst;
    queue->filled_at = now;
}

int64_t fxl_bucket_wait(fxl_queue *queue, int64_t now) {
    bucket_fill(queue, now);
    if (queue->tokens >= 1) return 0;
    double wait = ceil((1 - queue->tokens) * 1e9 / queue->rate);
    return wait < 1 ? 1 : wait > 3.6e12 ? (int64_t)3.6e12 : (int64_t)wait;
}

// MARK: What every kind does

static bool enter(
    fxl_scheduler *scheduler, fxl_queue *queue, uint32_t place, bool at_head
) {
    fxl_entry *entry = &scheduler->entries[place];
    switch (queue->kind) {
    case FXL_HEAP:
        if (!fxl_heap_insert(&queue->heap, place, entry->key, entry->order)) return false;
        break;
    case FXL_FAIR:
        if (!flow_add(scheduler, queue, place, at_head)) return false;
        break;
    default:
        if (at_head) prepend(scheduler, &queue->list, place);
        else append(scheduler, &queue->list, place);
    }
    entry->queue = queue;
    queue->count++;
    return true;
}

bool fxl_push(fxl_scheduler *scheduler, fxl_queue *queue, uint32_t place, double key) {
    if (scheduler->queue_bytes > FXL_QUEUE_BYTES_LIMIT) return false;
    fxl_entry *entry = &scheduler->entries[place];
    entry->key = key;
    entry->order = ++scheduler->pushes;
    bool entered = enter(scheduler, queue, place, false);
    count_bytes(scheduler, queue);
    if (!entered) return false;
    entry->popped = false;
    set_origin(scheduler, entry, NULL);
    return true;
}

uint32_t fxl_peek(fxl_scheduler *scheduler, fxl_queue *queue, int64_t now) {
    if (!queue->count) return FXL_NONE;
    switch (queue->kind) {
    case FXL_HEAP: return queue->heap.nodes[0].item;
    case FXL_FAIR: return queue->flows[queue->heap.nodes[0].item].list.head;
    case FXL_BUCKET: return fxl_bucket_wait(queue, now) ? FXL_NONE : queue->list.head;
    default: return queue->list.head;
    }
    (void)scheduler;
}

uint32_t fxl_first_for(const fxl_scheduler *scheduler, const fxl_list *list, int32_t device) {
    uint32_t place = list->head;
    while (place != FXL_NONE && scheduler->entries[place].facts.device != device) {
        place = scheduler->entries[place].next;
    }
    return place;
}

/// What a node of a queue's heap offers for the device: itself or, in a fair queue, the first of
/// its client.
static uint32_t offered_for(
    const fxl_scheduler *scheduler, const fxl_queue *queue, uint32_t item, int32_t device
) {
    if (queue->kind == FXL_FAIR) return fxl_first_for(scheduler, &queue->flows[item].list, device);
    return scheduler->entries[item].facts.device == device ? item : FXL_NONE;
}

uint32_t fxl_peek_for(fxl_scheduler *scheduler, fxl_queue *queue, int64_t now, int32_t device) {
    uint32_t first = fxl_peek(scheduler, queue, now);
    if (first == FXL_NONE || scheduler->entries[first].facts.device == device) return first;
    if (queue->kind != FXL_HEAP && queue->kind != FXL_FAIR) {
        return fxl_first_for(scheduler, &queue->list, device);
    }
    // Only where devices share a queue, and another one's operation is in front.
    const struct fxl_heap_node *best = NULL;
    uint32_t found = FXL_NONE;
    for (uint32_t index = 0; index < queue->heap.count; index++) {
        const struct fxl_heap_node *node = &queue->heap.nodes[index];
        if (best && !fxl_heap_before(node, best)) continue;
        uint32_t offered = offered_for(scheduler, queue, node->item, device);
        if (offered == FXL_NONE) continue;
        best = node;
        found = offered;
    }
    return found;
}

static void leave_queue(fxl_scheduler *scheduler, uint32_t place) {
    fxl_queue *queue = scheduler->entries[place].queue;
    switch (queue->kind) {
    case FXL_HEAP: fxl_heap_remove(&queue->heap, place); break;
    case FXL_FAIR: flow_remove(scheduler, queue, place); break;
    default: detach(scheduler, &queue->list, place);
    }
    scheduler->entries[place].queue = NULL;
    queue->count--;
}

void fxl_take(fxl_scheduler *scheduler, uint32_t place) {
    fxl_entry *entry = &scheduler->entries[place];
    set_origin(scheduler, entry, entry->queue);
    leave_queue(scheduler, place);
    entry->popped = true;
    if (!entry->in_popped) {
        entry->in_popped = true;
        entry->next_popped = scheduler->popped;
        scheduler->popped = place;
    }
}

void fxl_unlink(fxl_scheduler *scheduler, uint32_t place) {
    fxl_entry *entry = &scheduler->entries[place];
    fxl_queue *queue = entry->queue;
    if (queue) {
        queue->origins++;  // keeps it while the operation leaves
        leave_queue(scheduler, place);
        queue->origins--;
        if (queue->orphan && !queue->count && !queue->origins) queue_free(scheduler, queue);
    }
    set_origin(scheduler, entry, NULL);
}

void fxl_settle(fxl_scheduler *scheduler) {
    uint32_t place = scheduler->popped;
    scheduler->popped = FXL_NONE;
    while (place != FXL_NONE) {
        fxl_entry *entry = &scheduler->entries[place];
        entry->in_popped = false;
        if (entry->popped) {
            entry->popped = false;
            if (entry->origin && enter(scheduler, entry->origin, place, true)) {
                set_origin(scheduler, entry, NULL);
            }
        }
        place = entry->next_popped;
    }
}
