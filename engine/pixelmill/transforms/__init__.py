"""transforms: one small file each, named as its kernel; `transform(sample) -> Sample | Drop`.

A transform is a frozen dataclass: its fields are its options in a job file.  It may also say

- `needs_pixels = False`: it looks at `sample.size` only, so the image need not be decoded for it;
- `makes_floats = True`: what it returns can only be written as an array;
- `least(size) -> (height, width)`: the size it will make of an image of `size`, so that decoding
  may scale a far larger JPEG down on the way.
"""
