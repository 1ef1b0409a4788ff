"""Sniff: which format bytes are in, from their first bytes; a file's name is never asked."""

# ISO base media brands (ISO/IEC 23008-12 and the AV1 image format); the generic ones, mif1 and
# msf1, say only "an image", so there the compatible brands that follow decide.
_AVIF = (b"avif", b"avis")
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
_GENERIC = (b"mif1", b"msf1")

# Pillow's list: the two orders, their common misspellings, and BigTIFF.
_TIFF = (b"II\x2a\0", b"MM\0\x2a", b"II\0\x2a", b"MM\x2a\0", b"II\x2b\0", b"MM\0\x2b")


def sniff(data: bytes) -> str | None:
    """The name of the format (jpeg, png, webp, gif, tiff, bmp, avif, heif, npy, dicom), or None."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    # Behind a preamble of anything, often a TIFF header (DICOM PS3.10, 7.1).
    if data[128:132] == b"DICM":
        return "dicom"
    if data.startswith(_TIFF):
        return "tiff"
    if data.startswith(b"\x93NUMPY"):
        return "npy"
    if data[4:8] == b"ftyp":
        return _base_media(data)
    # Two letters are a weak sign: the pixels' offset and the next header's size must make sense
    # too.
    if (
        data.startswith(b"BM")
        and len(data) >= 18
        and 12 <= data[14] <= 124
        and data[15:18] == b"\0\0\0"
    ):
        return "bmp"
    return None


def _base_media(data: bytes) -> str | None:
    major = data[8:12]
    if major in _AVIF:
        return "avif"
    if major in _HEIF:
        return "heif"
    if major not in _GENERIC:
        return None
    end = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[at : at + 4] for at in range(16, end, 4)]
    return "avif" if any(brand in _AVIF for brand in brands) else "heif"
