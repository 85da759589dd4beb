// The operations a policy was given, found by id; those that are ready, by phase and arrival. The
// scheduler's ids name slots of all that is enqueued, of which a policy knows few: its entries are
// packed, and a table leads from slots to them.
#include <stdlib.h>
#include <string.h>

#include "policy.h"

void fxl_scheduler_init(fxl_scheduler *scheduler) {
    *scheduler = (fxl_scheduler){.popped = FXL_NONE, .free = FXL_NONE};
    for (int phase = 0; phase < 4; phase++) {
        scheduler->phases[phase] = (fxl_list){FXL_NONE, FXL_NONE};
    }
}

void fxl_scheduler_free(fxl_scheduler *scheduler) {
    for (uint32_t place = 0; place < scheduler->capacity; place++) {
        if (scheduler->entries[place].state != FXL_FREE) fxl_erase(scheduler, place);
    }
    while (scheduler->queues) fxl_queue_release(scheduler, scheduler->queues);
    fxl_free_clients(scheduler);
    free(scheduler->entries);
    free(scheduler->places);
    fxl_scheduler_init(scheduler);
}

static void link_ready(fxl_scheduler *scheduler, uint32_t place) {
    fxl_entry *entry = &scheduler->entries[place];
    fxl_list *list = &scheduler->phases[entry->facts.phase];
    entry->newer = FXL_NONE;
    entry->older = list->tail;
    if (list->tail == FXL_NONE) list->head = place;
    else scheduler->entries[list->tail].newer = place;
    list->tail = place;
    scheduler->ready_by[fxl_device_row(entry->facts.device)][entry->facts.phase]++;
}

static void unlink_ready(fxl_scheduler *scheduler, uint32_t place) {
    fxl_entry *entry = &scheduler->entries[place];
    fxl_list *list = &scheduler->phases[entry->facts.phase];
    if (entry->older == FXL_NONE) list->head = entry->newer;
    else scheduler->entries[entry->older].newer = entry->newer;
    if (entry->newer == FXL_NONE) list->tail = entry->older;
    else scheduler->entries[entry->newer].older = entry->older;
    scheduler->ready_by[fxl_device_row(entry->facts.device)][entry->facts.phase]--;
}

static bool reserve_place(fxl_scheduler *scheduler, uint32_t slot) {
    if (slot < scheduler->place_count) return true;
    if (slot >= FXL_SLOT_LIMIT) return false;
    uint32_t count = scheduler->place_count ? scheduler->place_count : 256;
    while (count <= slot) count *= 2;
    uint32_t *places = realloc(scheduler->places, count * sizeof *places);
    if (!places) return false;
    for (uint32_t i = scheduler->place_count; i < count; i++) places[i] = FXL_NONE;
    scheduler->places = places;
    scheduler->place_count = count;
    return true;
}

static bool reserve_entry(fxl_scheduler *scheduler) {
    if (scheduler->free != FXL_NONE) return true;
    uint32_t old = scheduler->capacity, capacity = old ? old * 2 : 256;
    if (capacity > FXL_OPERATION_LIMIT) return false;
    fxl_entry *entries = realloc(scheduler->entries, capacity * sizeof *entries);
    if (!entries) return false;
    memset(entries + old, 0, (capacity - old) * sizeof *entries);
    for (uint32_t place = capacity; place-- > old;) {
        entries[place].next = scheduler->free;
        scheduler->free = place;
    }
    scheduler->entries = entries;
    scheduler->capacity = capacity;
    return true;
}

uint32_t fxl_insert(fxl_scheduler *scheduler, const fxl_operation *facts, uint8_t state) {
    uint32_t slot = (uint32_t)facts->id;
    if (!reserve_place(scheduler, slot) || !reserve_entry(scheduler)) return FXL_NONE;
    // A slot that comes back without its last operation having been reported done is that
    // operation's end.
    if (scheduler->places[slot] != FXL_NONE) fxl_erase(scheduler, scheduler->places[slot]);
    uint32_t client = fxl_client_index(scheduler, facts->client);
    if (client == FXL_NONE) return FXL_NONE;
    uint32_t place = scheduler->free;
    fxl_entry *entry = &scheduler->entries[place];
    scheduler->free = entry->next;
    scheduler->places[slot] = place;
    entry->facts = *facts;
    entry->facts.phase &= 3;
    entry->told_phase = entry->facts.phase;
    entry->queue = NULL;
    entry->origin = NULL;
    entry->charged_ns = 0;
    entry->arrival = ++scheduler->arrivals;
    entry->line = 0;
    entry->client = client;
    entry->state = state;
    entry->popped = false;
    scheduler->clients[client].operations++;
    scheduler->known++;
    if (state == FXL_READY) {
        scheduler->ready++;
        link_ready(scheduler, place);
    }
    return place;
}

static void leave_ready(fxl_scheduler *scheduler, uint32_t place) {
    if (scheduler->entries[place].state != FXL_READY) return;
    unlink_ready(scheduler, place);
    scheduler->ready--;
}

/// Counts an operation in flight (or no longer, with -1) in the phase that the policy knows it by.
static void count_in_flight(fxl_scheduler *scheduler, const fxl_entry *entry, int32_t change) {
    if (entry->told_phase == entry->facts.phase) return;
    int32_t *counts = scheduler->reclassified[fxl_device_row(entry->facts.device)];
    counts[entry->told_phase] -= change;
    counts[entry->facts.phase] += change;
}

void fxl_erase(fxl_scheduler *scheduler, uint32_t place) {
    fxl_entry *entry = &scheduler->entries[place];
    fxl_unlink(scheduler, place);
    leave_ready(scheduler, place);
    if (entry->state == FXL_DISPATCHED) count_in_flight(scheduler, entry, -1);
    entry->state = FXL_FREE;
    entry->popped = false;
    entry->next = scheduler->free;
    scheduler->free = place;
    scheduler->places[(uint32_t)entry->facts.id] = FXL_NONE;
    scheduler->known--;
    scheduler->clients[entry->client].operations--;
    fxl_release_client(scheduler, entry->client);
}

void fxl_commit(fxl_scheduler *scheduler, uint32_t place) {
    fxl_entry *entry = &scheduler->entries[place];
    if (entry->queue) fxl_take(scheduler, place);
    entry->popped = false;
    leave_ready(scheduler, place);
    entry->state = FXL_DISPATCHED;
    count_in_flight(scheduler, entry, 1);
    fxl_queue *queue = entry->origin;
    if (!queue) return;
    if (queue->kind == FXL_BUCKET) {
        queue->tokens -= 1;
    } else if (queue->kind == FXL_FAIR) {
        double started = queue->flows[entry->client].virtual_time;
        if (started > queue->virtual_time) queue->virtual_time = started;
        entry->charged_ns = entry->facts.cost_ns;
        fxl_charge_flow(scheduler, queue, entry->client, entry->charged_ns);
    }
}

void fxl_set_phase(fxl_scheduler *scheduler, uint32_t place, uint8_t phase) {
    fxl_entry *entry = &scheduler->entries[place];
    if (entry->state == FXL_READY) unlink_ready(scheduler, place);
    entry->facts.phase = phase & 3;
    if (entry->state == FXL_READY) link_ready(scheduler, place);
}
