"""Reader: a shard's bytes in, its samples out, in order, with every fault told.

Keys and fields are those of webdataset 1.0.2: the key is the path up to the first dot of its last
part, the field is the rest in lower case, members in a row with one key are one sample.  As there,
folders, members without a dot, hidden ones at the top and `__meta__` are no samples and passed
over.

It differs on purpose where webdataset raises or stays silent; then the sample is a Failure that
holds its members, or its whole:

    duplicate_member   two members have one name, case aside (webdataset raises)
    repeated_key       a key comes again later in the shard (it makes a second sample)
    unsafe_path        an absolute path or a `..` part (it reads them)
    not_a_file         a link, device or fifo (it leaves the member out)
    name_too_long      a name longer than Linux takes for a path (it reads it)
    sparse_member      a sparse file (it unfolds it, 10 KB to 2 GiB if need be)
    member_too_large   a member or a sample larger than `max_member` (it reads them)
    reserved_field     a field named as webdataset's own entries, __key__ and the like
    truncated_shard    the sample that was being read where the shard ends or is damaged

A shard without its end mark (a block of zeros) counts as cut short even where its last member is
whole, since nothing tells whether its last sample is; and so does one with data behind that mark.
webdataset ends silently at the first damaged header.
"""

from collections.abc import Iterable, Iterator

from pixelmill.sample import Failure, Sample
from pixelmill.shards.compression import decompressed
from pixelmill.shards.groups import Group, Names, lone_failure
from pixelmill.shards.members import MAX_MEMBER, Cut, read_members
from pixelmill.shards.naming import is_meta, key_and_field, unsafe

__all__ = ["read_shard"]


def read_shard(
    chunks: Iterable[bytes], where: str, *, max_member: int = MAX_MEMBER
) -> Iterator[Sample | Failure]:
    """Yield the samples of a tar, .tar.gz or .tar.zst, in order.

    Parameters
    ----------
    chunks
        The shard's bytes, in pieces of any length.
    where
        Its URL, for messages and for `Sample.where`.
    max_member
        The most bytes that a member, or all members of a sample, may have.  Checked on the header.

    Raises
    ------
    ShardError
        After everything that could be read, where the shard is cut short, damaged, or no tar.
    """
    group: Group | None = None
    names = Names()
    for member in read_members(decompressed(chunks, where), where, max_member):
        if isinstance(member, Cut):
            yield from _last_words(member, group, names, where)
            raise member.error
        split = key_and_field(member.name)
        if split is None or is_meta(member.name):
            if split is None and (member.fault or unsafe(member.name)):
                yield lone_failure(member, names, where, max_member)
            continue
        key, field = split
        if group is None or key != group.key:
            if group is not None:
                yield group.close(names, where)
            group = Group(key, max_member)
        group.add(member, field)
    if group is not None:
        yield group.close(names, where)


def _last_words(
    cut: Cut, group: Group | None, names: Names, where: str
) -> Iterator[Sample | Failure]:
    """What there is of the samples that were open when the shard ended."""
    if cut.complete:
        if group is not None:
            yield group.close(names, where)
        return
    member = cut.member
    split = key_and_field(member.name) if member is not None else None
    if member is not None and split is not None and not is_meta(member.name):
        if group is not None and split[0] != group.key:
            yield group.close(names, where)  # its successor had begun: it is whole
            group = None
        group = group or Group(split[0], MAX_MEMBER)
        group.add(member, split[1])
    if group is not None:
        new = names.is_new(group.key)
        message = f"the shard ends within this sample or right behind it: {cut.error}"
        yield group.failure(names, where, "truncated_shard", message, new)
