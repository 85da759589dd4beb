#include "encoding.h"

#include <string.h>

#include "../Generated/letters.h"
#include "../Generated/names.h"
#include "../Transport/errors.h"
#include "objects.h"

/// More values than any operation has (a list of tensors has two each); the ring's record limit is
/// about as far.
enum { value_limit = 16384 };
static const uint32_t plan_limit = 400 * 1024;

struct encoder {
    struct fx_thread *self;
    uint8_t *plan;
    uint32_t used, limit;
    uint64_t *values;
    uint32_t value_count;
};

// ---- Room --------------------------------------------------------------------------------------

/// Scratch memory: the values, which have a fixed room, then the plan.
static int prepare(struct encoder *encoder, uint32_t bytes) {
    const uint32_t ahead = value_limit * 8;
    uint8_t *memory = fx_thread_scratch(encoder->self, ahead + bytes);
    if (memory == NULL) return 0;
    encoder->values = (uint64_t *)memory;
    encoder->plan = memory + ahead;
    encoder->limit = (uint32_t)(encoder->self->scratch_bytes - ahead);
    return 1;
}

static uint8_t *room(struct encoder *encoder, uint32_t bytes) {
    if (fx_unlikely(encoder->limit - encoder->used < bytes)) {
        if (bytes > plan_limit || encoder->used + bytes > plan_limit) return NULL;
        if (!prepare(encoder, encoder->used + bytes)) return NULL;
    }
    uint8_t *place = encoder->plan + encoder->used;
    encoder->used += bytes;
    return place;
}

static uint64_t *value_room(struct encoder *encoder, uint32_t count) {
    if (fx_unlikely(count > value_limit - encoder->value_count)) return NULL;
    uint64_t *place = encoder->values + encoder->value_count;
    encoder->value_count += count;
    return place;
}

// ---- Items of the plan -------------------------------------------------------------------------

enum { is_null = 1, travels_with_launch = 2 };

static int put_item(
    struct encoder *encoder, struct fx_item item, const void *bytes, uint32_t count) {
    uint32_t padded = (count + 7) & ~7u;
    uint8_t *place = room(encoder, (uint32_t)sizeof(item) + padded);
    if (place == NULL) return 0;
    memcpy(place, &item, sizeof(item));
    if (padded != 0) {
        memset(place + sizeof(item) + padded - 8, 0, 8);
        memcpy(place + sizeof(item), bytes, count);
    }
    return 1;
}

/// Objects hold themselves as they stand in a plan.
static int put_object(struct encoder *encoder, const struct fx_object *object) {
    uint8_t *place = room(encoder, object->bytes);
    if (fx_unlikely(place == NULL)) return 0;
    memcpy(place, object->payload, object->bytes);
    return 1;
}

/// The object's head goes to the plan, its content, whole words, to the values.
static int put_travelling(struct encoder *encoder, const struct fx_object *object) {
    struct fx_item item;
    const uint32_t content = object->bytes - (uint32_t)sizeof(item);
    memcpy(&item, object->payload, sizeof(item));
    item.null = travels_with_launch;
    uint64_t *values = value_room(encoder, content / 8);
    if (fx_unlikely(values == NULL)) return 0;
    fx_copy(values, object->payload + sizeof(item), content);
    return put_item(encoder, item, NULL, 0);
}

static int put_tensor(struct encoder *encoder, const struct fx_object *tensor) {
    uint64_t *values = value_room(encoder, 2);
    if (fx_unlikely(values == NULL)) return 0;
    values[0] = (uint64_t)tensor->address;
    values[1] = tensor->extra;
    return put_object(encoder, tensor);
}

static int put_element(
    struct encoder *encoder, char letter, const struct fx_object *object, int travels) {
    if (letter == FX_LETTER_TENSOR_LIST) return put_tensor(encoder, object);
    return travels ? put_travelling(encoder, object) : put_object(encoder, object);
}

static int put_list(
    struct encoder *encoder, char letter, const struct fx_object *list, int travels) {
    struct fx_item item = {.kind = (uint8_t)letter, .count = list->count};
    if (!put_item(encoder, item, NULL, 0)) return 0;
    const uint64_t *references = (const uint64_t *)list->payload;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct fx_object *object = fx_object_referred(references[i]);
        if (object == NULL || !put_element(encoder, letter, object, travels)) return 0;
    }
    return 1;
}

/// A string that an operation takes is a layout or a mode: a longer one is a wild pointer.
enum { string_limit = 1024 };

static int put_string(struct encoder *encoder, const char *text) {
    struct fx_item item = {.kind = FX_LETTER_STRING};
    item.count = (uint32_t)strnlen(text, string_limit);
    return item.count < string_limit && put_item(encoder, item, text, item.count);
}

static int put_number(
    struct encoder *encoder, char letter, union fx_argument argument, int travels) {
    struct fx_item item = {.kind = (uint8_t)letter};
    if (!travels) return put_item(encoder, item, &argument, 8);
    uint64_t *value = value_room(encoder, 1);
    if (fx_unlikely(value == NULL)) return 0;
    memcpy(value, &argument, 8);
    item.null = travels_with_launch;
    return put_item(encoder, item, NULL, 0);
}

static int put_argument(
    struct encoder *encoder, char letter, union fx_argument argument, int travels) {
    if (!fx_letter_is_pointer(letter)) return put_number(encoder, letter, argument, travels);
    if (argument.pointer == NULL) {
        struct fx_item item = {.kind = (uint8_t)letter, .null = is_null};
        return put_item(encoder, item, NULL, 0);
    }
    if (letter == FX_LETTER_STRING) return put_string(encoder, argument.pointer);
    const struct fx_object *object = fx_object_get(fx_letter_object(letter), argument.pointer);
    if (object == NULL) return 0;
    switch (letter) {
        case FX_LETTER_TENSOR: return put_tensor(encoder, object);
        case FX_LETTER_TENSOR_LIST:
        case FX_LETTER_SCALAR_LIST: return put_list(encoder, letter, object, travels);
        default:
            return travels ? put_travelling(encoder, object) : put_object(encoder, object);
    }
}

// ---- The whole ---------------------------------------------------------------------------------

/// The bytes are a multiple of 8, and eight at a time are mixed in.
static uint64_t hash_of(uint64_t seed, const uint8_t *bytes, uint32_t count) {
    uint64_t hash = seed * 0x9E3779B97F4A7C15ull + count;
    for (uint32_t i = 0; i < count; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        hash = (hash ^ word) * 0xD6E8FEB86659FD93ull;
        hash ^= hash >> 32;
    }
    return hash;
}

int32_t fx_encode(
    struct fx_thread *self, uint16_t function, const char *classes, uint64_t travels,
    const union fx_argument *arguments, struct fx_encoding *encoding) {
    struct encoder encoder = {.self = self};
    if (!prepare(&encoder, 4096)) return fx_fail(self, FX_ERROR_OPERATION_INTERNAL, "no memory");
    for (unsigned i = 0; classes[i] != 0; i++) {
        int travelling = travels >> i & 1;
        if (fx_likely(put_argument(&encoder, classes[i], arguments[i], travelling))) continue;
        return fx_fail(
            self, FX_ERROR_INVALID_ARGUMENT, "%s: argument %u is no live object of its kind, or too large",
            fx_function_name(function), i + 1);
    }
    *encoding = (struct fx_encoding){
        .function = function,
        .plan = encoder.plan,
        .plan_bytes = encoder.used,
        .values = encoder.values,
        .value_count = encoder.value_count,
        .hash = hash_of(function, encoder.plan, encoder.used),
    };
    return 0;
}
