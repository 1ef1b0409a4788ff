import threading

import numpy as np
import simplejpeg

from pixelmill.codecs import _room, decode
from pixelmill.codecs.options import Decode


def jpeg(level, size=(64, 80)):
    return simplejpeg.encode_jpeg(np.full((*size, 3), level, np.uint8), 95)


def address(image):
    return image.__array_interface__["data"][0]


def test_an_image_that_is_gone_leaves_its_memory_to_the_next():
    first = address(decode(jpeg(1), Decode()).image)
    assert address(decode(jpeg(2), Decode()).image) == first


def test_an_image_or_a_view_of_one_that_is_kept_is_never_written_over():
    kept = [decode(jpeg(level), Decode()).image for level in range(0, 250, 50)]
    view = decode(jpeg(250), Decode()).image[3:7].T
    for level in range(0, 250, 50):
        decode(jpeg(255 - level), Decode())
    assert [int(image.mean().round()) for image in kept] == list(range(0, 250, 50))
    assert (view == view[0, 0, 0]).all()
    assert abs(int(view[0, 0, 0]) - 250) <= 1


def test_an_image_outlives_the_thread_that_decoded_it():
    found = []
    thread = threading.Thread(target=lambda: found.append(decode(jpeg(90), Decode()).image))
    thread.start()
    thread.join()
    decode(jpeg(10), Decode())
    assert abs(found[0].mean() - 90) <= 1


def test_the_memory_of_a_large_image_does_not_wait():
    small = address(_room.room(1000))
    _room.room(_room._MOST + 1)
    assert address(_room.room(1000)) == small
