// signature.h: the arguments of an aclnn operation as bytes, and which of them the daemon knows.
#ifndef FX_SIGNATURE_H
#define FX_SIGNATURE_H

#include "entry.h"
#include "thread.h"

/// The encoded arguments, in the thread's scratch memory, and the addresses of the tensors that are
/// not NULL. `addresses[-1]` is free for whoever sends them as operands behind a word of its own.
struct fx_signature {
    uint16_t function;
    uint8_t *bytes;
    uint32_t byte_count;
    uint64_t *addresses;
    uint32_t address_count;
    uint64_t hash;
};

/// Encodes the arguments by their class letters. 0, or FX_ERROR_ARGUMENT with a message.
int32_t fx_signature_encode(
    struct fx_thread *self, uint16_t function, const char *classes,
    const union fx_argument *arguments, struct fx_signature *signature);

/// The id that the daemon gave the signature in that session, or 0 where it is not known here.
uint32_t fx_signature_known(const struct fx_signature *signature, const void *session);
void fx_signature_learn(const struct fx_signature *signature, const void *session, uint32_t id);

#endif
