"""A user's transform that does to its process what a broken decoder may do."""

import ctypes
import os
import signal
import sys
import time


class Deadly:
    """Works on every sample but the one with this key, which is the end of it."""

    def __init__(self, key: str, how: str):
        self.key, self.how = key, how

    def __call__(self, sample):
        if sample.key == self.key:
            getattr(self, self.how)()
        return sample

    def none(self):
        pass

    def segfault(self):
        ctypes.string_at(0)

    def abort(self):
        os.abort()

    def exit(self):
        os._exit(3)

    def crash_the_job(self):
        """Behind a guard, too, it is the guarding process that dies."""
        guarded = "pixelmill.guard.child" in sys.modules
        os.kill(os.getppid() if guarded else os.getpid(), signal.SIGSEGV)
        time.sleep(1000)

    def hang(self):
        time.sleep(1000)

    def compile(self):
        """As a kernel that no cache holds, on a machine that is slow."""
        from numba.core.compiler_lock import global_compiler_lock

        with global_compiler_lock:
            time.sleep(4)

    def hang_with_the_lock(self):
        ctypes.PyDLL(None).sleep(1000)

    def eat(self):
        held = []
        while True:  # touched, so that it is really there
            held.append(bytearray(b"x") * (16 << 20))
            time.sleep(0.005)  # Ray looks only every 200 ms
