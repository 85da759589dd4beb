// A binary heap whose items can be found, moved and removed by number.
#include "queues.h"

#include <stdlib.h>

static void put(fxl_heap *heap, uint32_t place, struct fxl_heap_node node) {
    heap->nodes[place] = node;
    heap->places[node.item] = place;
}

static void rise(fxl_heap *heap, uint32_t place) {
    struct fxl_heap_node node = heap->nodes[place];
    while (place > 0) {
        uint32_t parent = (place - 1) / 2;
        if (!fxl_heap_before(&node, &heap->nodes[parent])) break;
        put(heap, place, heap->nodes[parent]);
        place = parent;
    }
    put(heap, place, node);
}

static void sink(fxl_heap *heap, uint32_t place) {
    struct fxl_heap_node node = heap->nodes[place];
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= heap->count) break;
        bool has_right = child + 1 < heap->count;
        if (has_right && fxl_heap_before(&heap->nodes[child + 1], &heap->nodes[child])) child++;
        if (!fxl_heap_before(&heap->nodes[child], &node)) break;
        put(heap, place, heap->nodes[child]);
        place = child;
    }
    put(heap, place, node);
}

static bool reserve(fxl_heap *heap, uint32_t item) {
    if (item >= heap->place_count) {
        uint32_t count = heap->place_count ? heap->place_count : 64;
        while (count <= item) count *= 2;
        uint32_t *places = realloc(heap->places, count * sizeof *places);
        if (!places) return false;
        for (uint32_t i = heap->place_count; i < count; i++) places[i] = FXL_NONE;
        heap->places = places;
        heap->place_count = count;
    }
    if (heap->count == heap->capacity) {
        uint32_t capacity = heap->capacity ? heap->capacity * 2 : 64;
        struct fxl_heap_node *nodes = realloc(heap->nodes, capacity * sizeof *nodes);
        if (!nodes) return false;
        heap->nodes = nodes;
        heap->capacity = capacity;
    }
    return true;
}

bool fxl_heap_insert(fxl_heap *heap, uint32_t item, double key, uint64_t order) {
    if (!reserve(heap, item)) return false;
    heap->nodes[heap->count] = (struct fxl_heap_node){key, order, item};
    rise(heap, heap->count++);
    return true;
}

void fxl_heap_remove(fxl_heap *heap, uint32_t item) {
    uint32_t place = heap->places[item];
    heap->places[item] = FXL_NONE;
    heap->count--;
    if (place == heap->count) return;
    put(heap, place, heap->nodes[heap->count]);
    uint32_t moved = heap->nodes[place].item;
    rise(heap, place);
    sink(heap, heap->places[moved]);
}

void fxl_heap_update(fxl_heap *heap, uint32_t item, double key) {
    uint32_t place = heap->places[item];
    heap->nodes[place].key = key;
    rise(heap, place);
    sink(heap, heap->places[item]);
}

void fxl_heap_free(fxl_heap *heap) {
    free(heap->nodes);
    free(heap->places);
    *heap = (fxl_heap){0};
}
