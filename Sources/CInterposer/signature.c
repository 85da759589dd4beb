#include "signature.h"

#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "fork.h"
#include "objects.h"

// ---- Encoding ----------------------------------------------------------------------------------
/// More tensors than any operation takes (lists included); the ring's record limit is about as far.
enum { address_limit = 8192 };
static const uint32_t scratch_limit = 400 * 1024;

struct encoder {
    struct fx_thread *self;
    uint8_t *bytes;
    uint32_t used, limit;
    uint64_t *addresses;
    uint32_t address_count;
};

/// Scratch memory: a word for whoever sends the addresses as operands, the addresses, which have a
/// fixed room, then the bytes.
static int prepare(struct encoder *encoder, uint32_t bytes) {
    const uint32_t ahead = 8 + address_limit * 8;
    uint8_t *memory = fx_thread_scratch(encoder->self, ahead + bytes);
    if (memory == NULL) return 0;
    encoder->addresses = (uint64_t *)memory + 1;
    encoder->bytes = memory + ahead;
    encoder->limit = (uint32_t)(encoder->self->scratch_bytes - ahead);
    return 1;
}

static uint8_t *room(struct encoder *encoder, uint32_t bytes) {
    if (fx_unlikely(encoder->limit - encoder->used < bytes)) {
        if (bytes > scratch_limit || encoder->used + bytes > scratch_limit) return NULL;
        if (!prepare(encoder, encoder->used + bytes)) return NULL;
    }
    uint8_t *place = encoder->bytes + encoder->used;
    encoder->used += bytes;
    return place;
}

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

static int put_object(struct encoder *encoder, const struct fx_object *object) {
    uint8_t *place = room(encoder, object->bytes);
    if (fx_unlikely(place == NULL)) return 0;
    memcpy(place, object->payload, object->bytes);
    return 1;
}

static int put_tensor(struct encoder *encoder, const struct fx_object *tensor) {
    if (encoder->address_count == address_limit || !put_object(encoder, tensor)) return 0;
    encoder->addresses[encoder->address_count++] = (uint64_t)tensor->address;
    return 1;
}

static int put_list(struct encoder *encoder, char letter, const struct fx_object *list) {
    struct fx_item item = {.kind = (uint8_t)letter, .count = list->count};
    if (!put_item(encoder, item, NULL, 0)) return 0;
    const uint64_t *references = (const uint64_t *)list->payload;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct fx_object *object = fx_object_referred(references[i]);
        if (object == NULL) return 0;
        if (!(letter == 'L' ? put_tensor(encoder, object) : put_object(encoder, object))) return 0;
    }
    return 1;
}

static enum fx_object_kind kind_of(char letter) {
    switch (letter) {
        case 'T': return FX_OBJECT_TENSOR;
        case 'L': return FX_OBJECT_TENSOR_LIST;
        case 'S': return FX_OBJECT_SCALAR;
        case 'C': return FX_OBJECT_SCALAR_LIST;
        case 'I': return FX_OBJECT_INT_ARRAY;
        case 'B': return FX_OBJECT_BOOL_ARRAY;
        default: return FX_OBJECT_FLOAT_ARRAY;
    }
}

/// A string that an operation takes is a layout or a mode: a longer one is a wild pointer.
enum { string_limit = 1024 };

static int put_argument(struct encoder *encoder, char letter, union fx_argument argument) {
    struct fx_item item = {.kind = (uint8_t)letter};
    switch (letter) {
        case 'i':
        case 'w':
        case 'b': return put_item(encoder, item, &argument.integer, 8);
        case 'f':
        case 'd': return put_item(encoder, item, &argument.real, 8);
        default: break;
    }
    if (argument.pointer == NULL) {
        item.null = 1;
        return put_item(encoder, item, NULL, 0);
    }
    if (letter == 's') {
        item.count = (uint32_t)strnlen(argument.pointer, string_limit);
        return item.count < string_limit && put_item(encoder, item, argument.pointer, item.count);
    }
    const struct fx_object *object = fx_object_get(kind_of(letter), argument.pointer);
    if (object == NULL) return 0;
    if (letter == 'T') return put_tensor(encoder, object);
    if (letter == 'L' || letter == 'C') return put_list(encoder, letter, object);
    return put_object(encoder, object);
}

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

int32_t fx_signature_encode(
    struct fx_thread *self, uint16_t function, const char *classes,
    const union fx_argument *arguments, struct fx_signature *signature) {
    struct encoder encoder = {.self = self};
    if (!prepare(&encoder, 4096)) return FX_ERROR_OPERATION;
    for (unsigned i = 0; classes[i] != 0 && classes[i] != 'W'; i++) {
        if (fx_likely(put_argument(&encoder, classes[i], arguments[i]))) continue;
        return fx_fail(
            self, FX_ERROR_ARGUMENT, "%s: argument %u is no live object of its kind, or too large",
            fx_function_name(function), i + 1);
    }
    *signature = (struct fx_signature){
        .function = function,
        .bytes = encoder.bytes,
        .byte_count = encoder.used,
        .addresses = encoder.addresses,
        .address_count = encoder.address_count,
        .hash = hash_of(function, encoder.bytes, encoder.used),
    };
    return 0;
}

// ---- Known signatures --------------------------------------------------------------------------
// A cache in shards, each with a lock, a table of chains and a limit; a full shard forgets what it
// learnt first. Forgetting costs a round trip, nothing else.

enum { shard_count = 16, bucket_count = 512, shard_entries = 1024 };

struct known {
    struct known *next;   // in the chain
    struct known *newer;  // in order of learning
    const void *session;
    uint64_t hash;
    uint32_t id;
    uint32_t byte_count;
    uint16_t function;
    uint8_t bytes[];
};

static struct shard {
    struct fx_lock lock;
    uint32_t count;
    struct known *buckets[bucket_count];
    struct known *oldest, *newest;
} shards[shard_count];

static struct shard *shard_of(uint64_t hash) { return &shards[hash % shard_count]; }
static struct known **bucket_of(struct shard *shard, uint64_t hash) {
    return &shard->buckets[hash / shard_count % bucket_count];
}

static struct known *find(
    struct shard *shard, const struct fx_signature *signature, const void *session) {
    struct known *known = *bucket_of(shard, signature->hash);
    for (; known != NULL; known = known->next)
        if (known->hash == signature->hash && known->session == session &&
            known->function == signature->function &&
            known->byte_count == signature->byte_count &&
            memcmp(known->bytes, signature->bytes, signature->byte_count) == 0)
            return known;
    return NULL;
}

static void forget_oldest(struct shard *shard) {
    struct known *oldest = shard->oldest;
    struct known **link = bucket_of(shard, oldest->hash);
    while (*link != oldest) link = &(*link)->next;
    *link = oldest->next;
    shard->oldest = oldest->newer;
    shard->count--;
    free(oldest);
}

uint32_t fx_signature_known(const struct fx_signature *signature, const void *session) {
    struct shard *shard = shard_of(signature->hash);
    fx_lock_take(&shard->lock);
    const struct known *known = find(shard, signature, session);
    uint32_t id = known != NULL ? known->id : 0;
    fx_lock_give(&shard->lock);
    return id;
}

void fx_signature_learn(const struct fx_signature *signature, const void *session, uint32_t id) {
    struct known *known = malloc(sizeof(*known) + signature->byte_count);
    if (known == NULL) return;
    *known = (struct known){
        .session = session,
        .hash = signature->hash,
        .id = id,
        .byte_count = signature->byte_count,
        .function = signature->function,
    };
    fx_copy(known->bytes, signature->bytes, signature->byte_count);
    struct shard *shard = shard_of(signature->hash);
    fx_lock_take(&shard->lock);
    if (find(shard, signature, session) != NULL) {
        free(known);  // another thread asked at the same time
    } else {
        if (shard->count == shard_entries) forget_oldest(shard);
        struct known **bucket = bucket_of(shard, signature->hash);
        known->next = *bucket;
        *bucket = known;
        if (shard->oldest == NULL)
            shard->oldest = known;
        else
            shard->newest->newer = known;
        shard->newest = known;
        shard->count++;
    }
    fx_lock_give(&shard->lock);
}

void fx_signatures_reset_in_child(void) {
    // A chain may have been half-linked by a thread that is not here: start with empty shards. What
    // they held is not worth following pointers that may be broken.
    memset(shards, 0, sizeof(shards));
}
