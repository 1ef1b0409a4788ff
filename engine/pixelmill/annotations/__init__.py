"""annotations: boxes, polygons, masks and keypoints, which go where the pixels of their image go.

Continuous coordinates: an image spans [0, width] x [0, height], pixel i covers [i, i + 1), a box is
as wide as x2 - x1.  On disk a box is (x, y, width, height), a polygon flat (x, y, x, y ...) and a
keypoint, as COCO has it, the index of a pixel: half a pixel less.
"""
