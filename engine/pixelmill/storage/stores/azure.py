"""Azure Blob Storage."""

import io
from typing import Any

from pixelmill.storage.stores import Got, Part
from pixelmill.storage.stores.asking import asked, span

__all__ = ["AzureObject"]

# aiohttp does nothing else while it sends bytes in one piece, and warns of more than a mebibyte.
_AT_ONCE = 1 << 20


class AzureObject:
    """A blob of a container."""

    ordered = False

    def __init__(self, fs: Any, path: str) -> None:
        self.fs = fs
        container, blob, version = fs.split_path(path)
        self.name = {"container": container, "blob": blob}
        self.version = {"version_id": version} if version else {}

    def get(self, start: int, stop: int | None) -> Got:
        return asked(self.fs, self._get, start, stop)

    async def _get(self, start: int, stop: int | None) -> Got:
        part = {} if stop is None else {"offset": start, "length": stop - start}
        async with self.fs.service_client.get_blob_client(**self.name) as blob:
            stream = await blob.download_blob(**part, **self.version)
            data = bytes(await stream.readall())
        about = stream.properties
        begin, total = (0, len(data)) if stop is None else span(about.content_range, len(data))
        md5 = bytes(about.content_settings.content_md5 or b"").hex()
        return Got(data, begin, total, md5, about.etag.strip('"'))

    def put(self, data: bytes) -> str:
        if len(data) > _AT_ONCE:
            parts = AzureParts(self)
            parts.put(Part(0, 0, data))
            parts.finish()
            return ""

        async def ask() -> Any:
            async with self.fs.service_client.get_blob_client(**self.name) as blob:
                return await blob.upload_blob(data, overwrite=True)

        return bytes(asked(self.fs, ask).get("content_md5") or b"").hex()

    def parts(self) -> "AzureParts":
        return AzureParts(self)


class AzureParts:
    """Blocks, which Azure forgets after a week unless a blob is made of them."""

    def __init__(self, whole: AzureObject) -> None:
        self._fs, self._name = whole.fs, whole.name
        self._ids: dict[int, str] = {}

    def put(self, part: Part) -> None:
        self._ids[part.number] = f"{part.number:032}"  # all of one length, as Azure wants them

        async def ask() -> None:
            async with self._fs.service_client.get_blob_client(**self._name) as blob:
                # With its md5, which Azure compares with what came.
                await blob.stage_block(
                    block_id=self._ids[part.number],
                    data=io.BytesIO(part.data),
                    length=len(part.data),
                    validate_content=True,
                )

        asked(self._fs, ask)

    def finish(self) -> str:
        from azure.storage.blob import BlobBlock

        async def ask() -> None:
            async with self._fs.service_client.get_blob_client(**self._name) as blob:
                await blob.commit_block_list([BlobBlock(i) for _, i in sorted(self._ids.items())])

        asked(self._fs, ask)
        return ""

    def abandon(self) -> None:
        pass
