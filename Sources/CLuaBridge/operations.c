// The operations a policy was given, by slot; those that are ready, by phase and arrival.
#include <stdlib.h>
#include <string.h>

#include "policy.h"

void fxl_scheduler_init(fxl_scheduler *scheduler) {
    *scheduler = (fxl_scheduler){.popped = FXL_NONE};
    for (int phase = 0; phase < 4; phase++) {
        scheduler->phases[phase] = (fxl_list){FXL_NONE, FXL_NONE};
    }
}

void fxl_scheduler_free(fxl_scheduler *scheduler) {
    for (uint32_t slot = 0; slot < scheduler->capacity; slot++) {
        if (scheduler->entries[slot].state != FXL_FREE) fxl_erase(scheduler, slot);
    }
    while (scheduler->queues) fxl_queue_release(scheduler, scheduler->queues);
    fxl_free_clients(scheduler);
    free(scheduler->entries);
    fxl_scheduler_init(scheduler);
}

static void link_ready(fxl_scheduler *scheduler, uint32_t slot) {
    fxl_entry *entry = &scheduler->entries[slot];
    fxl_list *list = &scheduler->phases[entry->facts.phase];
    entry->newer = FXL_NONE;
    entry->older = list->tail;
    if (list->tail == FXL_NONE) list->head = slot;
    else scheduler->entries[list->tail].newer = slot;
    list->tail = slot;
    scheduler->ready_by[fxl_device_row(entry->facts.device)][entry->facts.phase]++;
}

static void unlink_ready(fxl_scheduler *scheduler, uint32_t slot) {
    fxl_entry *entry = &scheduler->entries[slot];
    fxl_list *list = &scheduler->phases[entry->facts.phase];
    if (entry->older == FXL_NONE) list->head = entry->newer;
    else scheduler->entries[entry->older].newer = entry->newer;
    if (entry->newer == FXL_NONE) list->tail = entry->older;
    else scheduler->entries[entry->newer].older = entry->older;
    scheduler->ready_by[fxl_device_row(entry->facts.device)][entry->facts.phase]--;
}

static bool reserve(fxl_scheduler *scheduler, uint32_t slot) {
    if (slot < scheduler->capacity) return true;
    if (slot >= FXL_OPERATION_LIMIT) return false;
    uint32_t capacity = scheduler->capacity ? scheduler->capacity : 256;
    while (capacity <= slot) capacity *= 2;
    fxl_entry *entries = realloc(scheduler->entries, capacity * sizeof *entries);
    if (!entries) return false;
    memset(entries + scheduler->capacity, 0, (capacity - scheduler->capacity) * sizeof *entries);
    scheduler->entries = entries;
    scheduler->capacity = capacity;
    return true;
}

uint32_t fxl_insert(fxl_scheduler *scheduler, const fxl_operation *facts, uint8_t state) {
    uint32_t slot = (uint32_t)facts->id;
    if (!reserve(scheduler, slot)) return FXL_NONE;
    // A slot that comes back without its last operation having been reported done is that
    // operation's end.
    if (scheduler->entries[slot].state != FXL_FREE) fxl_erase(scheduler, slot);
    uint32_t client = fxl_client_index(scheduler, facts->client);
    if (client == FXL_NONE) return FXL_NONE;
    fxl_entry *entry = &scheduler->entries[slot];
    entry->facts = *facts;
    entry->facts.phase &= 3;
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
        link_ready(scheduler, slot);
    }
    return slot;
}

static void leave_ready(fxl_scheduler *scheduler, uint32_t slot) {
    if (scheduler->entries[slot].state != FXL_READY) return;
    unlink_ready(scheduler, slot);
    scheduler->ready--;
}

void fxl_erase(fxl_scheduler *scheduler, uint32_t slot) {
    fxl_entry *entry = &scheduler->entries[slot];
    fxl_unlink(scheduler, slot);
    leave_ready(scheduler, slot);
    entry->state = FXL_FREE;
    entry->popped = false;
    scheduler->known--;
    scheduler->clients[entry->client].operations--;
    fxl_release_client(scheduler, entry->client);
}

void fxl_commit(fxl_scheduler *scheduler, uint32_t slot) {
    fxl_entry *entry = &scheduler->entries[slot];
    if (entry->queue) fxl_take(scheduler, slot);
    entry->popped = false;
    leave_ready(scheduler, slot);
    entry->state = FXL_DISPATCHED;
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

void fxl_set_phase(fxl_scheduler *scheduler, uint32_t slot, uint8_t phase) {
    fxl_entry *entry = &scheduler->entries[slot];
    if (entry->state == FXL_READY) unlink_ready(scheduler, slot);
    entry->facts.phase = phase & 3;
    if (entry->state == FXL_READY) link_ready(scheduler, slot);
}
