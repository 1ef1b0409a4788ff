"""Groups: members in a row that share a key become one sample, or one failure that says why not."""

from pixelmill.sample import Failure, Sample
from pixelmill.shards.extended import LONGEST_NAME
from pixelmill.shards.members import Member
from pixelmill.shards.naming import is_meta, key_and_field, unsafe

__all__ = ["Group", "Names", "lone_failure"]

RESERVED = {"__key__", "__url__", "__bad__", "__local_path__"}
_MESSAGES = {
    "duplicate_member": "the shard holds it twice under one name (case aside); rename one of them",
    "unsafe_path": "its path would lead out of the folder it is unpacked in; rename it",
    "not_a_file": "it is a link, a device or a fifo; put the file itself in its place",
    "sparse_member": "it is stored as a sparse file; repack it without --sparse",
    "name_too_long": f"its name was longer than {LONGEST_NAME} characters; give it a shorter one",
    "member_too_large": "it, or its sample, is larger than the limit of {limit:,} bytes; raise "
    "source.max_sample to take it, or take it out",
    "reserved_field": "its extension is a name that webdataset keeps for itself; rename it",
}
_REPEATED = "comes again after other samples; pack the members of a sample in a row, or rename it"


class Names:
    """The keys met so far in a shard, and names for failures that none of them has."""

    def __init__(self) -> None:
        self._met: set[str] = set()
        self._failures = 0

    def is_new(self, key: str) -> bool:
        """Whether `key` was not met before; from now on it was."""
        before = len(self._met)
        self._met.add(key)
        return len(self._met) > before

    def for_failure(self, key: str, reason: str) -> str:
        """`key` itself where it can be written and is its own; else made safe, with a number."""
        name = f"{key}.x"
        whole = key_and_field(name) == (key, "x") and not unsafe(name) and not is_meta(name)
        if whole and reason != "repeated_key":
            return key
        parts = [part for part in key.replace("\0", "").split("/") if part not in ("", ".", "..")]
        folder, slash, last = "/".join(parts).rpartition("/")
        self._failures += 1
        return f"{folder}{slash}{last.replace('.', '_') or 'unnamed'}~{reason}-{self._failures}"


class Group:
    """The members of one key, while they come."""

    __slots__ = ("_fault", "_faulty", "_fields", "_limit", "_room", "key")

    def __init__(self, key: str, room: int) -> None:
        self.key, self._room, self._limit = key, room, room
        self._fields: dict[str, bytes] = {}
        self._fault = self._faulty = ""

    def add(self, member: Member, field: str) -> None:
        name, data, fault, _, _ = member
        fields = self._fields
        self._room -= len(data)
        if fault or field in fields or self._room < 0 or unsafe(name) or field in RESERVED:
            self._add_faulty(member, field)
        else:
            fields[field] = data

    def close(self, names: Names, where: str) -> Sample | Failure:
        """The sample, or the failure of which every member is kept that could be read."""
        new = names.is_new(self.key)
        if new and not self._fault:
            return Sample(self.key, self._fields, where)
        fault = self._fault or "repeated_key"
        message = f"key {self.key!r} {_REPEATED}"
        if self._fault:
            told = _MESSAGES[fault].format(limit=self._limit)
            message = f"member {self._faulty!r}: {told}"
        return self.failure(names, where, fault, message, new)

    def failure(
        self, names: Names, where: str, reason: str, message: str, new: bool = True
    ) -> Failure:
        key = names.for_failure(self.key, reason if new else "repeated_key")
        return Failure(key, self._fields, reason, message, where)

    def _add_faulty(self, member: Member, field: str) -> None:
        fault = member.fault or self._fault_of(member.name, field)
        if not self._fault:
            self._fault, self._faulty = fault, member.name
        if (member.data or not member.fault) and self._room >= 0:
            self._fields[_free_name(field, self._fields)] = member.data

    def _fault_of(self, name: str, field: str) -> str:
        if self._room < 0:
            return "member_too_large"
        if unsafe(name):
            return "unsafe_path"
        return "reserved_field" if field in RESERVED else "duplicate_member"


def lone_failure(member: Member, names: Names, where: str, limit: int) -> Failure:
    """The failure of a member that belongs to no sample and yet is not to be passed over."""
    fault = member.fault or "unsafe_path"
    told = _MESSAGES[fault].format(limit=limit)
    fields = {"bin": member.data} if member.data or not member.fault else {}
    key = names.for_failure(f"{member.name}/", fault)
    return Failure(key, fields, fault, f"member {member.name!r}: {told}", where)


def _free_name(field: str, taken: dict[str, bytes]) -> str:
    """`field`, or "FIELD.2" and so on; one of webdataset's own names gets a plain one."""
    field = "reserved" if field in RESERVED else field
    name, count = field, 1
    while name in taken:
        count += 1
        name = f"{field}.{count}"
    return name
