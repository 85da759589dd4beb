"""A program that is served, and then sends half an ask on its socket to the daemon and no more."""

import ctypes
import os
import signal
import stat

acl = ctypes.CDLL("libascendcl.so")
assert acl.aclInit(None) == 0 and acl.aclrtSetDevice(0) == 0


def sockets():
    for name in os.listdir("/proc/self/fd"):
        try:
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                yield int(name)
        except OSError:
            pass


found = [fd for fd in sockets() if fd > 2]
assert found, "no socket to the daemon"
for fd in found:
    os.write(fd, b"\x01\x00\x00")
print("sent", flush=True)
signal.pause()
