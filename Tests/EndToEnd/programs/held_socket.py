"""A routed program whose child, made by a bare clone(), holds its socket open after the program itself has ended. Prints
the child's number; the child ends when the FIFO that is named is closed."""

import ctypes
import os
import signal
import sys

SYS_CLONE = {"x86_64": 56, "aarch64": 220}[os.uname().machine]

acl = ctypes.CDLL("libascendcl.so")
assert acl.aclInit(None) == 0
assert acl.aclrtSetDevice(0) == 0
memory = ctypes.c_void_p()
assert acl.aclrtMalloc(ctypes.byref(memory), ctypes.c_size_t(1 << 20), 0) == 0

# No fork(): its handlers would close what the child must not keep.
child = ctypes.CDLL(None).syscall(SYS_CLONE, signal.SIGCHLD, 0, 0, 0, 0)
if child == 0:
    os.read(os.open(sys.argv[1], os.O_RDONLY), 1)
    os._exit(0)
print("child", child, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
