"""Bombs: small files that would unfold to much, and headers that lie."""

import gzip
import io
import struct
import zlib

import numpy as np
import zstandard
from PIL import Image

ZEROS = bytes(1 << 20)


def packed(megabytes):
    """A zlib stream of so many megabytes of zeros."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(ZEROS) for _ in range(megabytes)) + packer.flush()


def png(width, height, *chunks):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    told = [(b"IHDR", head), *chunks, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in told
    )


def gif(width, height, frames=1):
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00"
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    return b"GIF89a" + screen + frame * frames + b";"


def riff(*chunks):
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)
        for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_canvas(side):
    return b"VP8X", b"\x02\0\0\0" + (side - 1).to_bytes(3, "little") * 2


def webp_of(*canvases):
    """An animation of two small frames, with these canvases stated behind one another."""
    still = saved("WEBP", (16, 16))
    frame = b"ANMF", bytes(6) + (15).to_bytes(3, "little") * 2 + bytes(4) + still[12:]
    first, *more = map(webp_canvas, canvases)
    return riff(first, (b"ANIM", bytes(6)), frame, frame, *more)


def tiff(*more, body=b"", width=10, height=10):
    """A TIFF of zlib-packed levels, or tiles of them: (tag, value) pairs are added."""
    facts = {256: width, 257: height, 258: 8, 259: 8, 262: 1, 277: 1, **dict(more)}
    where, size = (324, 325) if 322 in facts else (273, 279)
    facts |= {where: 8, size: len(body)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, facts[tag]) for tag in sorted(facts))
    directory = struct.pack("<H", len(facts)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(body)) + body + directory


def tiff_pages(count, circle=False):
    """A TIFF of so many pages that share their levels; in a circle if asked."""
    facts = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 279: 16}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, facts[tag]) for tag in sorted(facts))
    size, start = 2 + len(entries) + 4, 8 + 16
    nexts = [start + size * page for page in range(1, count)] + [start if circle else 0]
    pages = b"".join(struct.pack("<H", len(facts)) + entries + struct.pack("<I", n) for n in nexts)
    return b"II*\0" + struct.pack("<I", start) + bytes(range(16)) + pages


def jpeg(width, height):
    """A small photograph that says it has this size."""
    data = bytearray(saved("JPEG", (16, 16)))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def scans(count, side=1000):
    """A progressive JPEG whose last scan, of some bytes, comes so many times."""
    data = saved("JPEG", (side, side), progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * count + data[-2:]


def bmp(width, height):
    return b"BM" + struct.pack(
        "<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, *bytes(6)
    )


def npy(shape, levels=b""):
    head = io.BytesIO()
    facts = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(head, facts)
    return head.getvalue() + levels


def avif_that_lies(side, said):
    """An AVIF of side x side pixels whose container says less."""
    data, true = saved("AVIF", (side, side)), struct.pack(">II", side, side)
    return data.replace(true, struct.pack(">II", said, said))


def saved(format, size, **options):
    file = io.BytesIO()
    Image.new("RGB", size, (9, 99, 199)).save(file, format, **options)
    return file.getvalue()


IMAGES = {  # what makes the file, and the reason of its quarantine, "" where a reader may take it
    "png of 65,535 x 65,535": (lambda: png(65535, 65535, (b"IDAT", packed(1))), "too_many_pixels"),
    "png of 30,000 x 30,000 zeros": (
        lambda: png(30000, 30000, (b"IDAT", packed(64))), "too_many_pixels",
    ),
    "png with 256 MB more than its pixels": (lambda: png(10, 10, (b"IDAT", packed(256))), ""),
    "png with 256 MB of text": (
        lambda: png(10, 10, (b"zTXt", b"a\0\0" + packed(256))), "undecodable",
    ),
    "png with a profile of 256 MB": (
        lambda: png(10, 10, (b"iCCP", b"a\0\0" + packed(256)), (b"IDAT", packed(1))), "",
    ),
    "png that says 2**31 x 2**31": (lambda: png(1 << 31, 1 << 31), "too_many_pixels"),
    "gif of 65,535 x 65,535": (lambda: gif(65535, 65535), "too_many_pixels"),
    "gif of 20,000 frames": (lambda: gif(1, 1, 20_000), ""),
    "webp of 2**24 x 2**24": (lambda: webp_of(1 << 24), "too_many_pixels"),
    "webp that states two sizes": (lambda: webp_of(13_000, 16), "undecodable"),
    "tiff of 65,535 x 65,535": (
        lambda: tiff(body=packed(1), width=65535, height=65535), "too_many_pixels",
    ),
    "tiff of one tile of 16,384 x 16,384": (
        lambda: tiff((322, 16384), (323, 16384), body=packed(256)), "too_many_pixels",
    ),
    "tiff of one strip of 2**28 rows": (lambda: tiff((278, 1 << 28), body=packed(256)), ""),
    "tiff of 20,000 pages": (lambda: tiff_pages(20_000), ""),
    "tiff of pages that go round in a circle": (lambda: tiff_pages(2000, circle=True), ""),
    "jpeg of 65,500 x 65,500": (lambda: jpeg(65500, 65500), "too_many_pixels"),
    "jpeg of 50,000 scans": (lambda: scans(50_000), "too_many_scans"),
    "bmp of 65,535 x 65,535": (lambda: bmp(65535, 65535), "too_many_pixels"),
    "npy of 60,000 x 60,000": (lambda: npy((60000, 60000, 3)), "undecodable"),
    "npy of a dtype with a billion elements": (
        lambda: npy((1, 1, 3)).replace(b"'|u1'", b"'9u1'").ljust(200, b"\0"), "undecodable",
    ),
}  # fmt: skip


def tar_of(name, size, extended=b""):
    """One member of zeros; `extended` are headers that come before."""
    head = _header(name, size)
    return extended + head + bytes(size + -size % 512) + bytes(1024)


def global_headers(count, size):
    """PAX headers of so many bytes, which hold for all that follow, each of another word."""
    return b"".join(_pax(b"g", b"word%d" % i, b"x" * size) for i in range(count))


def long_names(count, length):
    """Members whose names, each of its own, have so many letters."""
    return b"".join(
        _pax(b"x", b"path", b"%d/" % i + b"n" * length + b".jpg") + _header("x", 0)
        for i in range(count)
    )


def short_records(count):
    """A PAX header of so many records of six bytes."""
    return _extended(b"x", b"6 a=b\n" * count)


def _pax(kind, word, value):
    rest = len(word) + len(value) + 3
    length = next(n for n in range(rest, rest + 20) if n == rest + len(str(n)))
    return _extended(kind, b"%d %b=%b\n" % (length, word, value))


def _extended(kind, data):
    return _header("pax", len(data), kind) + data + bytes(-len(data) % 512)


def _header(name, size, kind=b"0"):
    facts = name.encode().ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2
    facts += b"%011o\0" % size + b"%011o\0" % 0 + b" " * 8 + kind
    block = facts.ljust(257, b"\0") + b"ustar\00000" + bytes(247)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


SHARDS = {  # what makes the shard, the reasons of its quarantine, and whether it is told as damaged
    "gzip of a member of 128 MB": (
        lambda: gzip.compress(tar_of("a.jpg", 128 << 20), 9), {"member_too_large": 1}, False,
    ),
    "zstd of a member of 128 MB": (
        lambda: zstandard.compress(tar_of("a.jpg", 128 << 20)), {"member_too_large": 1}, False,
    ),
    "gzip of 100 MB of global headers": (
        lambda: gzip.compress(tar_of("a.txt", 10, global_headers(200, 1 << 19))),
        {"no_image": 1}, False,
    ),
    "gzip of 60 MB of names": (
        lambda: gzip.compress(long_names(60, 1_000_000) + bytes(1024)),
        {"name_too_long": 60}, False,
    ),
    "gzip of 8 MB of short records": (
        lambda: gzip.compress(short_records(170_000) * 8 + bytes(1024)), {}, False,
    ),
    "gzip of 400,000 empty streams": (lambda: gzip.compress(b"") * 400_000, {}, True),
    "tar of a member that says 2**40 bytes": (
        lambda: _header("a.jpg", 0)[:124] + b"\x80" + (1 << 40).to_bytes(11, "big"), {}, True,
    ),
}  # fmt: skip
