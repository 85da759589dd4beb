// The programs a policy knows: found by id, named by a small index that queues can use.
#include <stdlib.h>
#include <string.h>

#include "queues.h"

static uint32_t bucket_of(const fxl_scheduler *scheduler, uint32_t id) {
    return (id * 2654435769u) & (scheduler->client_index_size - 1);
}

uint32_t fxl_find_client(const fxl_scheduler *scheduler, uint32_t id) {
    if (!scheduler->client_index_size) return FXL_NONE;
    uint32_t mask = scheduler->client_index_size - 1;
    for (uint32_t at = bucket_of(scheduler, id);; at = (at + 1) & mask) {
        uint32_t index = scheduler->client_index[at];
        if (index == FXL_NONE || scheduler->clients[index].id == id) return index;
    }
}

/// Builds the index anew: removal leaves no tombstones that way, and clients come and go rarely.
static bool rebuild(fxl_scheduler *scheduler) {
    uint32_t size = 64;
    while (size < scheduler->client_count * 4) size *= 2;
    if (size != scheduler->client_index_size) {
        uint32_t *index = malloc(size * sizeof *index);
        if (!index) return false;
        free(scheduler->client_index);
        scheduler->client_index = index;
        scheduler->client_index_size = size;
    }
    memset(scheduler->client_index, 0xff, size * sizeof *scheduler->client_index);
    for (uint32_t i = 0; i < scheduler->client_count; i++) {
        if (!scheduler->clients[i].used) continue;
        uint32_t at = bucket_of(scheduler, scheduler->clients[i].id);
        while (scheduler->client_index[at] != FXL_NONE) at = (at + 1) & (size - 1);
        scheduler->client_index[at] = i;
    }
    return true;
}

static uint32_t free_place(fxl_scheduler *scheduler) {
    for (uint32_t i = 0; i < scheduler->client_count; i++) {
        if (!scheduler->clients[i].used) return i;
    }
    uint32_t count = scheduler->client_count ? scheduler->client_count * 2 : 16;
    fxl_client *clients = realloc(scheduler->clients, count * sizeof *clients);
    if (!clients) return FXL_NONE;
    uint32_t place = scheduler->client_count;
    memset(clients + place, 0, (count - place) * sizeof *clients);
    scheduler->clients = clients;
    scheduler->client_count = count;
    return place;
}

uint32_t fxl_client_index(fxl_scheduler *scheduler, uint32_t id) {
    uint32_t index = fxl_find_client(scheduler, id);
    if (index != FXL_NONE) return index;
    index = free_place(scheduler);
    if (index == FXL_NONE) return FXL_NONE;
    scheduler->clients[index] = (fxl_client){.id = id, .used = true, .weight = 1};
    if (!rebuild(scheduler)) {
        scheduler->clients[index].used = false;
        return FXL_NONE;
    }
    return index;
}

static void free_description(fxl_client *client) {
    for (uint32_t i = 0; i < client->label_count; i++) {
        free(client->labels[i].key);
        free(client->labels[i].value);
    }
    free(client->labels);
    free(client->name);
    client->labels = NULL;
    client->name = NULL;
    client->label_count = 0;
}

/// A program chooses its name and its labels, and must not end a policy by them: what a script asks
/// for has to be a string that it may have, found in a few steps.
enum { LABEL_BYTES = 1024, LABEL_LIMIT = 64 };

static char *bounded_copy(const char *text) {
    size_t bytes = strnlen(text, LABEL_BYTES + 1);
    if (bytes > LABEL_BYTES) {
        bytes = LABEL_BYTES;
        // A character in UTF-8 that crosses the limit stays out whole.
        while (bytes > 0 && ((unsigned char)text[bytes] & 0xc0) == 0x80) bytes--;
    }
    return strndup(text, bytes);
}

bool fxl_describe_client(
    fxl_scheduler *scheduler, uint32_t index, const char *name, double weight, uint32_t count,
    const char *const *keys, const char *const *values
) {
    fxl_client *client = &scheduler->clients[index];
    free_description(client);
    client->weight = weight > 0 ? weight : 1;
    client->name = bounded_copy(name);
    if (count > LABEL_LIMIT) count = LABEL_LIMIT;
    client->labels = calloc(count ? count : 1, sizeof *client->labels);
    if (!client->name || !client->labels) return false;
    for (uint32_t i = 0; i < count; i++) {
        fxl_label label = {bounded_copy(keys[i]), bounded_copy(values[i])};
        client->labels[client->label_count++] = label;
        if (!label.key || !label.value) return false;
    }
    return true;
}

const char *fxl_client_label(const fxl_client *client, const char *key) {
    for (uint32_t i = 0; i < client->label_count; i++) {
        if (strcmp(client->labels[i].key, key) == 0) return client->labels[i].value;
    }
    return NULL;
}

void fxl_release_client(fxl_scheduler *scheduler, uint32_t index) {
    fxl_client *client = &scheduler->clients[index];
    if (client->attached || client->operations) return;
    free_description(client);
    client->used = false;
    rebuild(scheduler);
    for (fxl_queue *queue = scheduler->queues; queue; queue = queue->next) {
        if (index < queue->flow_count) queue->flows[index].virtual_time = 0;
    }
}

void fxl_free_clients(fxl_scheduler *scheduler) {
    for (uint32_t i = 0; i < scheduler->client_count; i++) {
        free_description(&scheduler->clients[i]);
    }
    free(scheduler->clients);
    free(scheduler->client_index);
}
