"""Kernels of pixelmill: arrays in, arrays out.

They know NumPy and Numba, and no file, URL, image format or cluster.  Every public function checks
its arguments, allocates its result and calls a private `_name` that only loops, without the GIL.
The same arguments give the same bytes on every machine and from every thread.

Nothing is imported here: Numba takes a third of a second, and is loaded with the first kernel.
"""
