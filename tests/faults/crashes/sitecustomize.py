"""On the path of a process, it makes the reader of tars crash in a shard, behind so many samples.

PIXELMILL_TEST_CRASH is the shard's name and their number.  The children that the process starts
have it on their path, too.
"""

import ctypes
import importlib.abc
import importlib.util
import os
import sys

MODULE = "pixelmill.sources.webdataset"


class Crashing(importlib.abc.MetaPathFinder):
    """Finds the module as everybody does, and wraps its reader once it is loaded."""

    def find_spec(self, name, path, target=None):
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            module.read_shard = crashing(module.read_shard)

        spec.loader.exec_module = exec_module
        return spec


def crashing(read_shard):
    shard, after = os.environ["PIXELMILL_TEST_CRASH"].rsplit(":", 1)

    def read(stream, where, **more):
        for count, sample in enumerate(read_shard(stream, where, **more)):
            if where.endswith(shard) and count == int(after):
                ctypes.string_at(0)
            yield sample

    return read


if os.environ.get("PIXELMILL_TEST_CRASH"):
    sys.meta_path.insert(0, Crashing())
