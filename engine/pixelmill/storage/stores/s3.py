"""S3, and what speaks as it does."""

import re
from contextlib import suppress
from typing import Any

from pixelmill.storage.stores import Got, Part
from pixelmill.storage.stores.asking import asked, span

__all__ = ["S3Object"]

_MD5 = re.compile(r"[0-9a-f]{32}")


class S3Object:
    """An object of a bucket."""

    ordered = False

    def __init__(self, fs: Any, path: str) -> None:
        self.fs = fs
        bucket, key, version = fs.split_path(path)
        self.name = {"Bucket": bucket, "Key": key}
        self.version = {"VersionId": version} if version else {}

    def get(self, start: int, stop: int | None) -> Got:
        return asked(self.fs, self._get, start, stop)

    async def _get(self, start: int, stop: int | None) -> Got:
        wanted = {} if stop is None else {"Range": f"bytes={start}-{stop - 1}"}
        answer = await self.fs._call_s3("get_object", **self.name, **self.version, **wanted)
        async with answer["Body"] as body:
            data = await body.read()
        begin, total = span(answer.get("ContentRange"), len(data))
        tag = answer.get("ETag", "")
        return Got(data, begin, total, md5_of(tag), tag.strip('"'))

    def about(self) -> dict[str, Any]:
        """In fsspec's words, and the checksums that are kept beside the ETag."""
        said = self.call("head_object", ChecksumMode="ENABLED", **self.version)
        return {**said, "type": "file", "size": said["ContentLength"]}

    def put(self, data: bytes) -> str:
        return md5_of(self.call("put_object", Body=data).get("ETag", ""))

    def parts(self) -> "S3Parts":
        return S3Parts(self)

    def call(self, method: str, **facts: Any) -> Any:
        """What the client's method of this name answers for the object."""
        return asked(self.fs, lambda: self.fs._call_s3(method, **self.name, **facts))


class S3Parts:
    """A multipart upload; one that is given up leaves nothing that would be paid for."""

    def __init__(self, whole: S3Object) -> None:
        self._whole = whole
        client = asked(whole.fs, whole.fs.set_session)
        begun = whole.call("create_multipart_upload", **_kept(client))
        self._id = {"UploadId": begun["UploadId"]}
        self._tags: dict[int, str] = {}

    def put(self, part: Part) -> None:
        number = part.number + 1
        answer = self._whole.call("upload_part", PartNumber=number, Body=part.data, **self._id)
        self._tags[number] = answer["ETag"]

    def finish(self) -> str:
        parts = {"Parts": [{"PartNumber": n, "ETag": tag} for n, tag in sorted(self._tags.items())]}
        said = self._whole.call("complete_multipart_upload", MultipartUpload=parts, **self._id)
        return str(said.get("ETag", "")).strip('"')

    def abandon(self) -> None:
        with suppress(FileNotFoundError):  # it was completed, or given up before
            self._whole.call("abort_multipart_upload", **self._id)


def _kept(client: Any) -> dict[str, str]:
    """Ask the store to keep the CRC-32 of the whole, by which readers check it (crc.py).

    Its client sends one with each part anyway, but not where it was told to leave that out, as
    for gateways that do not know of it; others that do not know keep nothing, or that of the parts.
    """
    if client.meta.config.request_checksum_calculation != "when_supported":
        return {}
    return {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}


def md5_of(etag: str) -> str:
    """An ETag that may be an md5: not of an object in parts.

    Of objects encrypted by KMS it is another number of that form: see checking.py.
    """
    bare = etag.strip('"')
    return bare if _MD5.fullmatch(bare) else ""
