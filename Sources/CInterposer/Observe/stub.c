// dlsym on our own handle would not find what the API table lacks; on the vendor's it would not
// find ours. The loader searches a library and then what it needs, in order: so a library without
// any code that needs libflexnpu.so and the vendor's file is the handle that is wanted. It is
// written here, into memory.
#include "stub.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../Generated/names.h"
#include "resolve.h"

/// One a library. Made once, kept for good: its path is how it is opened again.
static struct stub {
    char path[64 + 2 * FX_LIBRARY_COUNT];
    char target[PATH_MAX];
    uint32_t state;  // 0 none, 1 being made, 2 made
} stubs[FX_LIBRARY_COUNT];

/// The file: head, three program heads, dynamic section, one empty symbol, hash, strings. All of it
/// lies in one read-write page, at address 0.
struct image {
    Elf64_Ehdr head;
    Elf64_Phdr load, dynamic_head, stack;
    Elf64_Dyn dynamic[8];
    Elf64_Sym symbol;
    uint32_t hash[4];
    char strings[2 * PATH_MAX];
};

static Elf64_Phdr segment(uint32_t type, uint64_t offset, uint64_t bytes) {
    return (Elf64_Phdr){
        .p_type = type,
        .p_flags = PF_R | PF_W,
        .p_offset = offset,
        .p_vaddr = offset,
        .p_paddr = offset,
        .p_filesz = bytes,
        .p_memsz = bytes,
        .p_align = type == PT_LOAD ? 65536 : 8,
    };
}

static int fill(struct image *image, const char *own_path, const char *target) {
    size_t own_bytes = strlen(own_path) + 1, target_bytes = strlen(target) + 1;
    if (1 + own_bytes + target_bytes > sizeof(image->strings)) return -1;
    memset(image, 0, sizeof(*image));
    memcpy(image->strings + 1, own_path, own_bytes);
    memcpy(image->strings + 1 + own_bytes, target, target_bytes);
    image->head = (Elf64_Ehdr){
        .e_ident = {0x7F, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_DYN,
#if defined(__x86_64__)
        .e_machine = EM_X86_64,
#else
        .e_machine = EM_AARCH64,
#endif
        .e_version = EV_CURRENT,
        .e_phoff = offsetof(struct image, load),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 3,
        .e_shentsize = sizeof(Elf64_Shdr),
    };
    image->load = segment(PT_LOAD, 0, sizeof(*image));
    image->dynamic_head =
        segment(PT_DYNAMIC, offsetof(struct image, dynamic), sizeof(image->dynamic));
    // Without it the loader would make stacks executable.
    image->stack = segment(PT_GNU_STACK, 0, 0);
    const Elf64_Dyn dynamic[8] = {
        {DT_NEEDED, {1}},
        {DT_NEEDED, {1 + own_bytes}},
        {DT_HASH, {offsetof(struct image, hash)}},
        {DT_STRTAB, {offsetof(struct image, strings)}},
        {DT_SYMTAB, {offsetof(struct image, symbol)}},
        {DT_STRSZ, {sizeof(image->strings)}},
        {DT_SYMENT, {sizeof(Elf64_Sym)}},
        {DT_NULL, {0}},
    };
    memcpy(image->dynamic, dynamic, sizeof(dynamic));
    image->hash[0] = image->hash[1] = 1;  // one bucket, one symbol: the empty one
    return 0;
}

/// Writes the image to a file in memory and loads it. The descriptor may go once it is loaded; the
/// path, spelled as nobody else spells it, is then only a name that the loader knows.
static void *load(struct stub *stub, const char *target) {
    static struct image image;  // one at a time: the caller holds `state`
    void *handle = NULL;
    if (fill(&image, fx_own_path(), target) != 0) return NULL;
    int file = memfd_create("flexnpu-scope", MFD_CLOEXEC);
    if (file < 0) return NULL;
    if (write(file, &image, sizeof(image)) == (ssize_t)sizeof(image)) {
        // As many "./" as the library's number and one: a descriptor's number comes again.
        int written = snprintf(stub->path, sizeof(stub->path), "/proc/self/./");
        for (const struct stub *other = stubs; other < stub; other++)
            written += snprintf(stub->path + written, sizeof(stub->path) - (size_t)written, "./");
        snprintf(stub->path + written, sizeof(stub->path) - (size_t)written, "fd/%d", file);
        handle = fx_real_dlopen()(stub->path, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
        if (handle == NULL) dlerror();
    }
    close(file);
    return handle;
}

/// Where the vendor's library is, as the loader names it. It must be a path: a bare name would be
/// searched for.
static const char *path_of(void *handle) {
    struct link_map *map;
    if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || map->l_name == NULL) return NULL;
    return strchr(map->l_name, '/') != NULL && strlen(map->l_name) < PATH_MAX ? map->l_name : NULL;
}

void *fx_stub_open(unsigned library, void *handle, int flags) {
    static uint32_t making;
    const char *target = path_of(handle);
    if (library >= FX_LIBRARY_COUNT || target == NULL || fx_own_path() == NULL) return NULL;
    struct stub *stub = &stubs[library];
    uint32_t state = __atomic_load_n(&stub->state, __ATOMIC_ACQUIRE);
    if (state == 0) {
        // Another thread that makes one, or a constructor under way on this one: then this time
        // without.
        if (__atomic_exchange_n(&making, 1, __ATOMIC_ACQUIRE) != 0) return NULL;
        if (__atomic_load_n(&stub->state, __ATOMIC_ACQUIRE) == 0 && load(stub, target) != NULL) {
            strcpy(stub->target, target);
            __atomic_store_n(&stub->state, 2, __ATOMIC_RELEASE);
        }
        __atomic_store_n(&making, 0, __ATOMIC_RELEASE);
        state = __atomic_load_n(&stub->state, __ATOMIC_ACQUIRE);
    }
    // Two different files of one name: only the first has a stub.
    if (state != 2 || strcmp(stub->target, target) != 0) return NULL;
    void *opened = fx_real_dlopen()(stub->path, flags & ~RTLD_NOLOAD);
    if (opened == NULL) dlerror();
    return opened;
}
