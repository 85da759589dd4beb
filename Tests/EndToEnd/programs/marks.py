"""Marks its work through mstx, as profilers' users do: `marks.py TEXT` works inside a range of that text."""

import ctypes
import signal
import sys

acl = ctypes.CDLL("libascendcl.so")
mstx = ctypes.CDLL("libms_tools_ext.so")
mstx.mstxRangeStartA.restype = ctypes.c_uint64
mstx.mstxRangeStartA.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
mstx.mstxRangeEnd.argtypes = [ctypes.c_uint64]
block = ctypes.c_void_p()


def work(count):
    for _ in range(count):
        assert acl.aclrtMemsetAsync(block, ctypes.c_size_t(4096), 1, ctypes.c_size_t(4096), None) == 0
    assert acl.aclrtSynchronizeStream(None) == 0


assert acl.aclInit(None) == 0 and acl.aclrtSetDevice(0) == 0
assert acl.aclrtMalloc(ctypes.byref(block), ctypes.c_size_t(4096), 0) == 0
marked = mstx.mstxRangeStartA(sys.argv[1].encode(), None)
assert marked != 0
work(300)
mstx.mstxRangeEnd(marked)
work(100)
print("done", flush=True)
signal.pause()  # stays connected, so that it can be asked about
