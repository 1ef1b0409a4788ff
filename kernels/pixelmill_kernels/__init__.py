"""Kernels of pixelmill: arrays in, arrays out.

They know NumPy and Numba, and no file, URL, image format or cluster.  A file is named as it is
imported, and names what is public in `__all__`; what begins with `_` is this package's own.

What holds for every public kernel, and is not said again in each:

Images are arrays of shape (height, width, channels), C-contiguous, from 1 x 1 up; they stay as they
are, and may be read-only.  `out`, where it is given, has the shape and dtype of the result, is
C-contiguous and writeable, and shares no memory with an image; it is written in full, and returned.
The same arguments give the same bytes on every machine and from every thread.

A dtype, or what is no array, is refused with a TypeError; a shape, a layout, an `out` or a number
other than the docstring allows with a ValueError; both say how to mend it, before anything is
written.  A docstring has a section `Raises` where there is more to say.

Each checks its arguments, allocates its result and calls a private `_name` that only loops, without
the GIL, and which other jitted code may call as well; there, nothing is checked.

Nothing is imported here: Numba takes a third of a second, and is loaded with the first kernel.
"""
