"""greedy.py KIND [COUNT]: takes one thing after another until a call fails or it has COUNT, and prints `got N code C: MESSAGE`;
then it waits for its end, and takes one more whenever it is sent SIGUSR1. KIND: memory (MiB of the device), pinned (blocks of
64 KiB), threads (each with a call of its own)."""

import ctypes
import signal
import sys
import threading

# Before there is a thread that could take it.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
acl = ctypes.CDLL("libascendcl.so")
acl.aclGetRecentErrMsg.restype = ctypes.c_char_p
assert acl.aclInit(None) == 0, acl.aclGetRecentErrMsg()
assert acl.aclrtSetDevice(0) == 0, acl.aclGetRecentErrMsg()


def take_memory():
    return acl.aclrtMalloc(ctypes.byref(ctypes.c_void_p()), ctypes.c_size_t(1 << 20), 0)


def take_pinned():
    return acl.aclrtMallocHost(ctypes.byref(ctypes.c_void_p()), ctypes.c_size_t(1 << 16))


def take_thread():
    codes, over = [], threading.Event()

    def body():
        codes.append(acl.aclrtSetDevice(0) or acl.aclrtSynchronizeDevice())
        over.set()
        threading.Event().wait()
    threading.Thread(target=body, daemon=True).start()
    over.wait()
    return codes[0]


take = {"memory": take_memory, "pinned": take_pinned, "threads": take_thread}[sys.argv[1]]
limit = int(sys.argv[2]) if len(sys.argv) > 2 else 1 << 20
got = 0
while True:
    code = 0
    while got < limit and code == 0:
        code = take()
        got += code == 0
    print(f"got {got} code {code}: {(acl.aclGetRecentErrMsg() or b'').decode()}", flush=True)
    signal.sigwait({signal.SIGUSR1})
    limit = got + 1
