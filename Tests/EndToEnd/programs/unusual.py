"""AscendCL through ctypes, used in ways a framework would not: default streams, contexts handed between threads, events
reused and reset, nothing copied, handles that were never given out. Prints `N passed, N failed`."""

import ctypes
import threading
from ctypes import POINTER, byref, c_float, c_int32, c_size_t, c_uint32, c_uint64, c_void_p

acl = ctypes.CDLL("libascendcl.so")
ops = ctypes.CDLL("libopapi.so")
H2D, D2H, D2D = 1, 2, 3
results = []


def check(what, held):
    results.append(bool(held))
    if not held:
        print("failed:", what)


def function(library, name, *types):
    found = getattr(library, name)
    found.argtypes = types
    found.restype = c_int32
    return found


set_device = function(acl, "aclrtSetDevice", c_int32)
get_device = function(acl, "aclrtGetDevice", POINTER(c_int32))
malloc = function(acl, "aclrtMalloc", POINTER(c_void_p), c_size_t, c_int32)
free = function(acl, "aclrtFree", c_void_p)
memcpy = function(acl, "aclrtMemcpy", c_void_p, c_size_t, c_void_p, c_size_t, c_int32)
memcpy_async = function(
    acl, "aclrtMemcpyAsync", c_void_p, c_size_t, c_void_p, c_size_t, c_int32, c_void_p)
memset_async = function(
    acl, "aclrtMemsetAsync", c_void_p, c_size_t, c_int32, c_size_t, c_void_p)
create_stream = function(acl, "aclrtCreateStream", POINTER(c_void_p))
destroy_stream = function(acl, "aclrtDestroyStream", c_void_p)
synchronize = function(acl, "aclrtSynchronizeStream", c_void_p)
create_event = function(acl, "aclrtCreateEventExWithFlag", POINTER(c_void_p), c_uint32)
destroy_event = function(acl, "aclrtDestroyEvent", c_void_p)
record = function(acl, "aclrtRecordEvent", c_void_p, c_void_p)
wait = function(acl, "aclrtStreamWaitEvent", c_void_p, c_void_p)
reset = function(acl, "aclrtResetEvent", c_void_p, c_void_p)
query = function(acl, "aclrtQueryEventStatus", c_void_p, POINTER(c_int32))
synchronize_event = function(acl, "aclrtSynchronizeEvent", c_void_p)
elapsed = function(acl, "aclrtEventElapsedTime", POINTER(c_float), c_void_p, c_void_p)
create_context = function(acl, "aclrtCreateContext", POINTER(c_void_p), c_int32)
set_context = function(acl, "aclrtSetCurrentContext", c_void_p)
get_context = function(acl, "aclrtGetCurrentContext", POINTER(c_void_p))
destroy_context = function(acl, "aclrtDestroyContext", c_void_p)
message = acl.aclGetRecentErrMsg
message.restype = ctypes.c_char_p
create_tensor = ops.aclCreateTensor
create_tensor.restype = c_void_p
create_tensor.argtypes = [
    POINTER(ctypes.c_int64), c_uint64, c_int32, POINTER(ctypes.c_int64), ctypes.c_int64, c_int32,
    POINTER(ctypes.c_int64), c_uint64, c_void_p]
destroy_tensor = function(ops, "aclDestroyTensor", c_void_p)
create_scalar = ops.aclCreateScalar
create_scalar.restype = c_void_p
create_scalar.argtypes = [c_void_p, c_int32]
destroy_scalar = function(ops, "aclDestroyScalar", c_void_p)
add_size = function(
    ops, "aclnnAddGetWorkspaceSize", c_void_p, c_void_p, c_void_p, c_void_p,
    POINTER(c_uint64), POINTER(c_void_p))
add = function(ops, "aclnnAdd", c_void_p, c_uint64, c_void_p, c_void_p)

COUNT = 1000
Floats = c_float * COUNT


def block(bytes_=COUNT * 4):
    pointer = c_void_p()
    check("malloc", malloc(byref(pointer), bytes_, 0) == 0)
    return pointer


def tensor(pointer, count=COUNT):
    shape = (ctypes.c_int64 * 1)(count)
    stride = (ctypes.c_int64 * 1)(1)
    return create_tensor(shape, 1, 0, stride, 0, 2, shape, 1, pointer)


def add_on(stream, a, b, out):
    one = c_float(1)
    scalar = create_scalar(byref(one), 0)
    tensors = [tensor(a), tensor(b), tensor(out)]
    size, executor = c_uint64(), c_void_p()
    status = add_size(tensors[0], tensors[1], scalar, tensors[2], byref(size), byref(executor))
    # What phase one was given may be gone before phase two.
    for one_tensor in tensors:
        destroy_tensor(one_tensor)
    destroy_scalar(scalar)
    return status or add(None, size.value, executor, stream)


def read(pointer):
    host = Floats()
    check("read", memcpy(host, COUNT * 4, pointer, COUNT * 4, D2H) == 0)
    return list(host)


def default_stream():
    a, b = block(), block()
    ones = Floats(*([1.0] * COUNT))
    check("copy in", memcpy(a, COUNT * 4, ones, COUNT * 4, H2D) == 0)
    check("memset on the default stream", memset_async(b, COUNT * 4, 0, COUNT * 4, None) == 0)
    for _ in range(10):
        check("add on the default stream", add_on(None, a, b, b) == 0)
    check("synchronize NULL", synchronize(None) == 0)
    check("ten additions in order", read(b) == [10.0] * COUNT)
    check("free", free(a) == 0 and free(b) == 0)


def contexts_between_threads():
    mine = c_void_p()
    get_context(byref(mine))
    other = c_void_p()
    check("second context", create_context(byref(other), 1) == 0)
    device = c_int32(-1)
    check("a new context is current", get_device(byref(device)) == 0 and device.value == 1)
    held = block()
    ones = Floats(*([2.0] * COUNT))
    seen = []

    def elsewhere():
        seen.append(get_device(byref(c_int32())))  # no context of its own yet
        seen.append(set_context(other))
        seen.append(memcpy(held, COUNT * 4, ones, COUNT * 4, H2D))
        seen.append(add_on(None, held, held, held))
        seen.append(synchronize(None))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    check(f"a context in another thread {seen}", seen[0] != 0 and seen[1:] == [0, 0, 0, 0])
    check("its work is done", read(held) == [4.0] * COUNT)
    check("free in the first thread", free(held) == 0)
    check("back", set_context(mine) == 0)
    get_device(byref(device))
    check("device of the first context", device.value == 0)
    check("destroy the other", destroy_context(other) == 0)
    check("a destroyed context is refused", set_context(other) != 0)


def events_again_and_again():
    first, second, event = c_void_p(), c_void_p(), c_void_p()
    check("streams", create_stream(byref(first)) == 0 and create_stream(byref(second)) == 0)
    check("event", create_event(byref(event), 8) == 0)
    status = c_int32(-1)
    check("never recorded is complete", query(event, byref(status)) == 0 and status.value == 1)
    check("wait for nothing", wait(second, event) == 0 and synchronize(second) == 0)
    a, b = block(), block()
    for turn in range(20):
        memset_async(a, COUNT * 4, 0, COUNT * 4, first)
        check("record", record(event, first) == 0)
        check("wait", wait(second, event) == 0)
        check("copy behind the event",
              memcpy_async(b, COUNT * 4, a, COUNT * 4, D2D, second) == 0)
        if turn % 3 == 0:
            check("reset", reset(event, second) == 0)
    check("both done", synchronize(first) == 0 and synchronize(second) == 0)
    check("zeros arrived", read(b) == [0.0] * COUNT)
    check("record the last", record(event, first) == 0 and synchronize_event(event) == 0)
    end, took = c_void_p(), c_float(-1)
    create_event(byref(end), 8)
    check("record the end", record(end, first) == 0 and synchronize_event(end) == 0)
    check("time passed", elapsed(byref(took), event, end) == 0 and 0 <= took.value < 10_000)
    check("gone", destroy_event(event) == 0 and destroy_event(end) == 0)
    check("streams gone", destroy_stream(first) == 0 and destroy_stream(second) == 0)
    check("memory gone", free(a) == 0 and free(b) == 0)


def nothing_and_nonsense():
    a = block()
    host = Floats()
    check("nothing in", memcpy(a, 0, host, 0, H2D) == 0)
    check("nothing async", memcpy_async(a, COUNT * 4, host, 0, H2D, None) == 0)
    check("nothing set", memset_async(a, COUNT * 4, 1, 0, None) == 0)
    check("too much", memcpy(a, 4, host, 8, H2D) != 0)
    wild = c_void_p(0x1234567890)
    check("wild stream", synchronize(wild) != 0)
    check("wild event", record(wild, None) != 0)
    check("wild free", free(wild) != 0)
    check("wild copy", memcpy(wild, 64, host, 64, H2D) != 0)
    check("wild tensor destroyed", destroy_tensor(wild) != 0)
    size, executor = c_uint64(), c_void_p()
    check("wild tensors added",
          add_size(wild, wild, wild, wild, byref(size), byref(executor)) != 0)
    check("no executor", add(None, 0, wild, None) != 0)
    check("no such device", set_device(99) != 0)
    message()
    check("no error, no message", message() is None)
    check("still works", memcpy(host, COUNT * 4, a, COUNT * 4, D2H) == 0)
    check("free", free(a) == 0)
    check("free twice", free(a) != 0)


def many_threads():
    failures = []

    def work(number):
        set_device(number % 2)
        stream = c_void_p()
        create_stream(byref(stream))
        a, b = c_void_p(), c_void_p()
        malloc(byref(a), COUNT * 4, 0)
        malloc(byref(b), COUNT * 4, 0)
        values = Floats(*[float(number)] * COUNT)
        memcpy_async(a, COUNT * 4, values, COUNT * 4, H2D, stream)
        memset_async(b, COUNT * 4, 0, COUNT * 4, stream)
        for _ in range(25):
            if add_on(stream, a, b, b):
                failures.append(number)
        out = Floats()
        memcpy_async(out, COUNT * 4, b, COUNT * 4, D2H, stream)
        synchronize(stream)
        if list(out) != [25.0 * number] * COUNT:
            failures.append((number, out[0]))
        free(a), free(b), destroy_stream(stream)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(f"eight threads {failures}", not failures)


check("init", acl.aclInit(None) == 0)
check("init again", acl.aclInit(None) == 100002)
check("no device yet", get_device(byref(c_int32())) == 107002)
check("set device", set_device(0) == 0)
default_stream()
contexts_between_threads()
events_again_and_again()
nothing_and_nonsense()
many_threads()
check("reset", acl.aclrtResetDevice(0) == 0)
check("finalize", acl.aclFinalize() == 0)
print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
raise SystemExit(0 if all(results) else 1)
