#!/usr/bin/python3
"""Verify an archive of a Mohur ledger: a second verifier, from the documents alone.

    verify.py ARCHIVE --policy POLICY [--known SIZE:ROOT]... [--anchors PEM] [--json]

It shares no code with Mohur. What it knows stands in docs/archive.md (the folder: A1-A12), docs/format.md (an entry:
F1-F6; keys and signatures: K1-K9), and C2SP's signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-policy.
It needs Python 3.11 and the package `cryptography`, for Ed25519 and ECDSA; `openssl` for timestamps. Read it from the
top down: each part uses only the parts above it.

The idea: the policy says whom to believe about a checkpoint; a checkpoint states a root; the root fixes the hash of
each entry; an entry fixes the digest of its payload. So each entry can be judged against its recorded hash, whatever
else was changed. Three files give hashes (the entries themselves, the tiles of level 0, those of level 1), and so does
the chain, in which each entry names the one before it: some of them must lead to the root, and the others are wrong
where they differ. Memory: one bundle at a time, and a few hundred bytes for each record, event id, checkpoint, signed
entry and entry that is not intact.

Exit code: 0 sound, 1 not sound, 2 could not run, 64 usage.
"""

import argparse
import array
import base64
import contextlib
import datetime
import errno
import functools
import hashlib
import itertools
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes as digests
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

# --------------------------------------------------------------------------------------- 1  limits, verdicts, findings

WIDTH = 256                                  # hashes in a full tile, entries in a full bundle
ENTRY_LIMIT = 65_535
ENVELOPE_LIMIT = 1_052_672
REMOVED = 0xFFFF_FFFF                        # the length that stands for a payload that was removed
CHECKPOINT_LIMIT, CHECKPOINTS_LIMIT = 1 << 20, 1_000_000
TAG_LIMIT, OTHER_TAG_LIMIT = 65_536, 16 << 20
LINE_LIMIT = 1_024                           # a line of a manifest
SIZE_LIMIT = 1 << 63
APPEND_LIMIT, APPEND_PAYLOADS_LIMIT = 10_000, 64 << 20   # entries in one signed append, bytes of their payloads
POLICY_LIMIT, POLICY_NAMES_LIMIT = 4 << 20, 1_024        # bytes; logs, witnesses, groups of each
MISSING_LIMIT = 4_096                        # bundles of which each is looked at, even if nothing of it is there
TIME_LOW, TIME_HIGH = -62_135_596_800_000_000, 253_402_300_799_999_999
EPOCH, MICROSECOND = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc), datetime.timedelta(microseconds=1)
VERDICTS = ("intact", "intact, payload erased", "removed under schedule",       # these three are sound
            "unsigned", "unverifiable", "missing", "reordered", "altered", "forked")


class Fault(Exception):
    """Something that was read is not as it must be: the reason, and the verdict on what was read."""

    def __init__(self, reason, verdict="altered"):
        super().__init__(reason)
        self.reason, self.verdict = reason, verdict


def require(holds, reason, verdict="altered"):
    if not holds:
        raise Fault(reason, verdict)


def worst(verdicts):
    return max(verdicts, key=VERDICTS.index, default="intact")


@dataclass
class Report:
    """What was found: reasons by (place, verdict); findings by record; the worst verdict of each entry."""
    findings: dict = field(default_factory=dict)
    records: dict = field(default_factory=dict)
    entries: dict = field(default_factory=dict)
    checked: Counter = field(default_factory=Counter)
    not_checked: dict = field(default_factory=dict)

    def general(self, place, verdict, reason):
        self.findings.setdefault((place, verdict), reason)

    def about(self, index, record, verdict, reason):
        """A finding about entry `index`, of a record unless that is not known (None)."""
        self.entries[index] = worst((self.entries.get(index, "intact"), verdict))
        if record is not None:
            self.records.setdefault(record, []).append({"index": index, "verdict": verdict, "reason": reason})

    def skip(self, text):
        self.not_checked[text] = True

    @contextlib.contextmanager
    def guard(self, place):
        """A fault within it is a finding at this place."""
        try:
            yield
        except Fault as fault:
            self.general(place, fault.verdict, fault.reason)


# ------------------------------------------------------------------------------------------ 2  files, texts, numbers

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
ERRORS = {errno.ENOENT: ("not there", "missing"), errno.ENAMETOOLONG: ("not there", "missing")} | dict.fromkeys(
    (errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.ENODEV), ("not a regular file or folder, in real folders", "altered"))


@contextlib.contextmanager
def opened(archive, path, flags):
    """The descriptor of what stands at a path below the archive. No link is followed, in no part of the path."""
    number, (*above, name) = -1, path.split("/")
    try:
        number = os.open(archive, os.O_RDONLY | os.O_DIRECTORY)
        for part, how in [*((part, FOLDER) for part in above), (name, flags | os.O_NOFOLLOW)]:
            below = os.open(part, how, dir_fd=number)
            os.close(number)
            number = below
        yield number
    except OSError as error:
        raise Fault(*ERRORS.get(error.errno, (f"it cannot be read: {error.strerror}", "unverifiable"))) from None
    finally:
        if number >= 0:
            os.close(number)


@contextlib.contextmanager
def open_file(archive, path, limit=SIZE_LIMIT):
    with opened(archive, path, os.O_RDONLY | os.O_NONBLOCK) as number:
        require(stat.S_ISREG(os.fstat(number).st_mode), "not a regular file")
        require(os.fstat(number).st_size <= limit, f"longer than {limit} bytes")
        with os.fdopen(number, "rb", closefd=False) as file:
            yield file


def read_file(archive, path, limit):
    with open_file(archive, path, limit) as file:
        return file.read(limit)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def utf8(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("it is not UTF-8") from None


def unbase64(text):
    """Base64 of RFC 4648 §4 with its padding, and only the one spelling that a writer would choose."""
    with contextlib.suppress(ValueError):
        data = base64.b64decode(text, validate=True)
        if base64.b64encode(data).decode() == text:
            return data
    raise Fault("a key, signature or root is not Base64")


def time_text(microseconds):
    """A time as docs/format.md writes it; one behind the year 9999, which only a cosigner can state, as its number."""
    if not TIME_LOW <= microseconds <= TIME_HIGH:
        return str(microseconds)
    return (EPOCH + microseconds * MICROSECOND).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


# ----------------------------------------------------------------------------------------------- 3  CBOR and entries

UINT, INT, BYTES, TEXT, ARRAY, MAP = "uint", "int", "bytes", "text", "array", "map"
MAJOR = {UINT: 0, INT: 0, BYTES: 2, TEXT: 3, ARRAY: 4, MAP: 5}
SHORTEST = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}        # bytes of a long head: the least value that needs them
U64 = (1 << 64) - 1
ID, HASH, ANY = (BYTES, 16, 16), (BYTES, 32, 32), (UINT, 0, U64)
FIELDS = (                                                   # by key: name, kind, range of its value or length
    ("version", UINT, 1, 1), ("index", *ANY), ("previous", *HASH), ("recorded", UINT, 0, TIME_HIGH),
    ("stream", TEXT, 1, 255), ("revision", *ANY), ("streamPrevious", *HASH), ("id", *ID), ("type", TEXT, 1, 255),
    ("source", TEXT, 1, 2_048), ("occurred", INT, TIME_LOW, TIME_HIGH), ("payload", ARRAY, 4, 4),
    ("schema", TEXT, 1, 2_048), ("correlation", *ID), ("causation", *ID), ("append", ARRAY, 3, 3))
ITEMS = {"payload": ((UINT, 1, 2), HASH, ANY, (TEXT, 1, 255)),           # form, digest, size, mediaType
         "append": ((UINT, 1, U64), (BYTES, 1, 64), (BYTES, 1, 8_192))}  # count, keyID, signature
ALWAYS = {"version", "index", "previous", "recorded", "stream", "revision", "id", "type", "source", "occurred"}
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def decode_item(data, at, kind, low, high):
    """One CBOR item of a kind whose value or length lies in a range, and where it ends. Of arrays and maps the head."""
    head = data[at] if at < len(data) else 0xFF
    major, value, at = head >> 5, head & 31, at + 1
    if value >= 24:
        width = 1 << (value - 24)
        value, at = int.from_bytes(data[at:at + width], "big"), at + width
        if at > len(data) or width not in SHORTEST or value < SHORTEST[width]:
            raise Fault("a head that is cut off, not definite or not the shortest")
    if kind == INT and major == 1:
        major, value = 0, -1 - value
    end = at + value if kind in (BYTES, TEXT) else at
    if major != MAJOR[kind] or not low <= value <= high or end > len(data):
        raise Fault(f"an item that is not of the kind {kind}, out of range, or cut off")
    if kind != TEXT:
        return (data[at:end] if kind == BYTES else value), end
    text = utf8(data[at:end])
    if CONTROL.search(text):
        raise Fault("a control character in a text")
    return text, end


def decode_entry(data):
    """An entry as a dictionary by the names of docs/format.md, with all rules that hold for it alone (F1-F6)."""
    require(len(data) <= ENTRY_LIMIT, "longer than an entry may be")
    pairs, at = decode_item(data, 0, MAP, 0, len(FIELDS))
    entry, starts, last = {}, {}, -1
    for _ in range(pairs):
        key = data[at] if at < len(data) else 255             # the shortest head of a key up to 15 is the key itself
        if not last < key < len(FIELDS):
            raise Fault("a key that is unknown, or not greater than the one before")
        last, starts[key] = key, at
        name, *kind = FIELDS[key]
        value, at = decode_item(data, at + 1, *kind)
        if name in ITEMS:
            value = []
            for item_kind in ITEMS[name]:
                item, at = decode_item(data, at, *item_kind)
                value.append(item)
        entry[name] = value
    require(at == len(data) and ALWAYS <= entry.keys(), "bytes behind the entry, or a key that must be there is not")
    require(("streamPrevious" in entry) == (entry["revision"] != 0), "streamPrevious must stand at all but revision 0")
    require((entry["previous"] == bytes(32)) == (entry["index"] == 0), "previous must be zero exactly at index 0")
    signed = [key for key in starts if key == 4 or 7 <= key <= 14]       # what a source signs: its pairs, as they stand
    entry["signedMap"] = bytes([0xA0 + len(signed)]) + data[starts[4]:starts[5]] + data[starts[7]:starts.get(15)]
    return entry


def decode_or_none(data):
    try:
        return decode_entry(data) if data is not None else None
    except Fault:
        return None


# ------------------------------------------------------------------------------------------------- 4  tree and tiles

def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(row):
    """The root over a row of hashes (RFC 6962 §2.1), pair by pair: one without a partner goes up as it is. None of
    an empty row, or of one with a hash that is not known."""
    if not row or None in row:
        return None
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + row[len(row) & ~1:]
    return row[0]


def add_peak(peaks, root):
    """Add a full bundle to the perfect subtrees of a growing tree, given as (bundles, root) from the left."""
    bundles = 1
    while peaks and peaks[-1][0] == bundles:
        root, bundles = node_hash(peaks.pop()[1], root), 2 * bundles
    peaks.append((bundles, root))


def root_of_peaks(peaks, tail=None):
    """The root of full bundles and, to their right, a part of a bundle with the root `tail`."""
    for _, root in reversed(peaks):
        tail = root if tail is None else node_hash(root, tail)
    return tail


def file_name(kind, number, width):
    """The path of a tile or bundle (C2SP tlog-tiles). A width of 256 is a full one."""
    digits = f"{number:03d}"
    groups = re.findall("...", digits.zfill(-(-len(digits) // 3) * 3))
    partial = "" if width == WIDTH else f".p/{width}"
    return f"data/{kind}/" + "/".join(["x" + group for group in groups[:-1]] + groups[-1:]) + partial


def width_at(size, level, number):
    """How many hashes tile `number` of a level has in a tree of `size` entries. Bundles are as the tiles of level 0."""
    return max(0, min(WIDTH, (size >> (8 * level)) - WIDTH * number))


# --------------------------------------------------------------------------------------------- 5  notes and policies

ED25519_PRIME = (1 << 255) - 19
SMALL_ORDER = {0, 1, ED25519_PRIME - 1, *(int.from_bytes(bytes.fromhex(text), "little") for text in (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))}
LOG_TYPES, WITNESS_TYPES = [b"\x01", b"\x02", b"\x05", b"\x06"], [b"\x04", b"\x06"]


def check_ed25519(public):
    """What docs/format.md takes for an Ed25519 key: y below the prime, and not of small order."""
    y = int.from_bytes(public, "little") & ((1 << 255) - 1)
    require(len(public) == 32 and y < ED25519_PRIME and y not in SMALL_ORDER, "no Ed25519 key, or of small order")


def signature_holds(algorithm, public, signature, message):
    """Ed25519 (1), or ECDSA on P-256 with SHA-256 (2). False for anything malformed."""
    if len(signature) != 64:
        return False
    try:
        if algorithm == 1:
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        else:
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
            key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(digests.SHA256()))
        return True
    except (InvalidSignature, ValueError):
        return False


def parse_note(data):
    """A signed note's text, and its signatures as (name, key id, signature, line)."""
    note = utf8(data)
    text, _, lines = note.rpartition("\n\n")
    require(text and lines.endswith("\n") and not re.search("[\x00-\x09\x0b-\x1f]", note),
            "the note has no signature lines, or control characters")
    signatures = []
    for line in lines[:-1].split("\n"):
        parts = re.fullmatch(r"\u2014 ([^+\s]+) ([^ ]+)", line)
        require(parts and len(blob := unbase64(parts[2])) >= 5,
                "a signature line of the note is malformed")
        signatures.append((parts[1], blob[:4], blob[4:], line + "\n"))
    return text + "\n", signatures


def note_key(name, kind, public):
    """A key of notes, with the id that C2SP signed-note gives it."""
    owner = name.encode("utf-8", "surrogateescape")
    hashed = {b"\x02": [public], b"\x05": [owner, b"\n\x05", sha256(public)]}.get(kind, [owner, b"\n", kind, public])
    return {"name": name, "id": sha256(*hashed)[:4], "type": kind, "public": public}


def parse_vkey(text, types):
    """A verifier key `name+id+base64` (a vkey) of one of the types. Only 01 and 04 can verify: others are kept."""
    parts = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+(.+)", text)
    require(parts, "a key is not name+id+base64")
    blob = unbase64(parts[3])
    key = note_key(parts[1], blob[:1], blob[1:])
    key["vkey"] = text
    require(key["id"].hex() == parts[2], "the id of a key is not that of its name and bytes")
    require(key["type"] in types and key["public"] and (key["type"] != b"\x06" or len(key["public"]) == 1_312),
            "a key is of a type that cannot stand there, or has not its length")
    if key["type"] in (b"\x01", b"\x04"):
        check_ed25519(key["public"])
    return key


def note_signature_holds(key, signature, text):
    """Whether a signature line's bytes are one of this key over the note's text."""
    message = text.encode()
    if key["type"] == b"\x04":                                # a cosignature: 8 bytes of time before the signature
        time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        message = f"cosignature/v1\ntime {time}\n".encode() + message
        if not 0 < time < SIZE_LIMIT:
            return False
    return key["type"] in (b"\x01", b"\x04") and signature_holds(1, key["public"], signature, message)


def parse_policy(data):
    """A policy (C2SP tlog-policy): logs, witnesses by name, groups as (name, least number, members), quorum."""
    require(len(data) <= POLICY_LIMIT and data.endswith(b"\n") and not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data),
            "the policy is too long or has control characters")
    logs, witnesses, groups, quorum, names, grouped = [], {}, [], None, {"none"}, {"none"}
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        word, *words = re.split("[ \t]+", line.strip(" \t"))
        if word == "" or word.startswith("#"):
            continue
        understood = word == "log" or words and (words[0] in names) == (word == "quorum")
        if word == "log" and len(words) in (1, 2):
            logs.append(parse_vkey(words[0], LOG_TYPES))
        elif word == "witness" and len(words) in (2, 3) and understood:
            witnesses[words[0]] = parse_vkey(words[1], WITNESS_TYPES)
        elif word == "group" and len(words) >= 3 and understood:
            least, members = {"any": "1", "all": str(len(words) - 2)}.get(words[1], words[1]), set(words[2:])
            require(re.fullmatch("[1-9][0-9]{0,8}", least) and int(least) <= len(members) == len(words) - 2
                    and members <= names - grouped, "a group asks for too many, or its members are not each new names")
            grouped |= members
            groups.append((words[0], int(least), members))
        elif word == "quorum" and len(words) == 1 and understood and quorum is None:
            quorum = words[0]
        else:
            raise Fault(f"a line of the policy is not understood: {line[:80]!r}")
        require(word not in ("log", "witness") or not words[-1].startswith("#"), "a URL in the policy begins with #")
        names.update(words[:1] if word in ("witness", "group") else ())
    keys = [*logs, *witnesses.values()]
    require(all(len({key["public"] for key in some}) == len(some) for some in (logs, witnesses.values()))
            and len({(key["name"], key["id"]) for key in keys}) == len(keys), "a key, or a name and id, stands twice")
    require(max(map(len, (logs, witnesses, groups))) <= POLICY_NAMES_LIMIT, "the policy has too many lines")
    require(quorum is not None, "the policy has no quorum line")
    return {"logs": logs, "witnesses": witnesses, "groups": groups, "quorum": quorum, "digest": sha256(data)}


def judge_note(text, signatures, policy):
    """Who of the policy signed a checkpoint: the log's key and line or None, the cosigners with their times, whether
    these are enough. It is a fault when the signature of a known key is wrong."""
    known, log, times = [(None, key) for key in policy["logs"]] + list(policy["witnesses"].items()), None, {}
    for name, key_hash, signature, line in signatures:
        candidates = [(witness, key) for witness, key in known if (key["name"], key["id"]) == (name, key_hash)]
        right = [(witness, key) for witness, key in candidates if note_signature_holds(key, signature, text)]
        require(right or not candidates, f"the signature of {name} is wrong")
        for witness, key in right:
            if witness and key["type"] == b"\x04":
                times[witness] = min(int.from_bytes(signature[:8], "big"), times.get(witness, SIZE_LIMIT))
            elif witness is None and key["name"] == text.split("\n")[0]:
                log = log or (key, line)
    holds = {*times, "none"}
    for name, least, members in policy["groups"]:
        holds |= {name} if len(holds & members) >= least else set()
    cosigners = [{"name": name, "time": times[name]} for name in policy["witnesses"] if name in times]
    return log, cosigners, policy["quorum"] in holds


# ----------------------------------------------------------------------------------------------------------- 6  keys

LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
ORIGIN = re.compile(rf"{LABEL}(?:\.{LABEL})*(?:/(?!\.\.?(?:/|\Z))[a-z0-9._~-]+)*")
TIME = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:)(\d\d)((?:\.\d+)?(?:[Zz]|[+-]\d\d:[0-5]\d))", re.ASCII)
HEX = "[0-9a-f]{64}"
ALGORITHMS = {"ed25519": (1, 32), "ecdsa-p256": (2, 65)}
MEMBERS = {                                                  # members that must be there, and those that may be
    "key.introduced": ({"role", "algorithm", "key"}, {"source"}),
    "key.rotated": ({"old", "algorithm", "key"}, set()),
    "key.revoked": ({"key", "reason"}, {"compromisedSince"}),
    "source.registered": ({"source", "keys"}, {"name"}),
    "witness.registered": ({"vkey"}, {"url"}),
    "policy.adopted": ({"unsigned", "sources", "types"}, {"witnesses"}),
    "payload.removed": ({"entries", "authority"}, {"schedule"}),
    "content.removed": ({"contents", "authority"}, {"schedule"})}
TEXTS = {                                                    # members that are texts: bytes at most, and their form
    "source": (2_048,), "name": (255,), "url": (2_048,), "reason": (1_024,), "authority": (1_024,),
    "schedule": (1_024,), "role": (9, "authority|source|log"), "algorithm": (64, "|".join(ALGORITHMS)),
    "key": (1_024,), "old": (64, HEX), "compromisedSince": (64,), "vkey": (2_048,),
    "unsigned": (7, "allowed|refused"), "witnesses": (POLICY_LIMIT, "(?s:.*)")}
RULES = {"sources": "[^\x00-\x1f\x7f-\x9f]{1,2048}", "types": "[^\x00-\x1f\x7f-\x9f*]+(\\.\\*)?"}


@dataclass
class Key:
    role: str
    source: str | None
    algorithm: int
    public: bytes
    since: int
    ended: int | None = None
    compromised: tuple | None = None                         # the event that says so, and since when
    signed: array.array = field(default_factory=lambda: array.array("Q"))    # of each entry: index, recorded

    def in_force(self, index):
        """For entry `index`: introduced before it, and not ended before it."""
        return self.since < index and (self.ended is None or self.ended >= index)


@dataclass
class Keyring:
    """Whom the ledger trusts. From entry `lost` on nothing of it is known, if that is not None."""
    keys: dict = field(default_factory=dict)                 # by id
    in_force: Counter = field(default_factory=Counter)       # keys of a role and source; 0 when all have ended
    registered: set = field(default_factory=set)
    policy: dict | None = None
    removals: dict = field(default_factory=dict)             # by entry or content's digest: the event, the verdict
    own: set = field(default_factory=set)                    # indexes of the entries of the stream `ledger`
    lost: int | None = None
    identity: bytes | None = None
    origin: str | None = None


def unique(pairs):
    require(len(dict(pairs)) == len(pairs), "a member of the payload stands twice")
    return dict(pairs)


def parse_object(payload):
    """A JSON object (RFC 8259) in which no member stands twice."""
    try:
        value = json.loads(utf8(payload), object_pairs_hook=unique, parse_constant=lambda _: require(False, "no JSON"))
    except (ValueError, RecursionError):
        raise Fault("the payload is not JSON") from None
    require(type(value) is dict, "the payload is not a JSON object")
    return value


def member_text(value, longest, form="[^\x00-\x1f\x7f-\x9f]*"):
    """A text in JSON of 1 to so many bytes, without control characters unless its form allows them."""
    with contextlib.suppress(UnicodeEncodeError):
        if type(value) is str and 1 <= len(value.encode()) <= longest and re.fullmatch(form, value):
            return value
    raise Fault("a member of the payload is not as it must be")


def member_time(text):
    """A time of docs/format.md, in microseconds. A second 60 is the moment one second after second 59."""
    with contextlib.suppress(ValueError, OverflowError):
        if parts := TIME.fullmatch(text):
            leap = parts[2] == "60"
            time = datetime.datetime.fromisoformat((parts[1] + ("59" if leap else parts[2]) + parts[3]).upper())
            return (time.astimezone(datetime.timezone.utc) + datetime.timedelta(seconds=leap) - EPOCH) // MICROSECOND
    raise Fault("a time is malformed or out of range")


def member_keys(keys, most):
    """The keys, as (algorithm, bytes), in an array of objects with `algorithm`, `key` and at most so many members."""
    require(type(keys) is list and all(type(key) is dict and {"algorithm", "key"} <= key.keys() and len(key) <= most
                                       for key in keys), "it has no array of keys")
    found = []
    for key in keys:
        number, length = ALGORITHMS[member_text(key["algorithm"], *TEXTS["algorithm"])]
        public = unbase64(member_text(key["key"], *TEXTS["key"]))
        require(len(public) == length and (number == 1 or public[0] == 4), "a key has not its length or form")
        if number == 1:
            check_ed25519(public)
        else:
            try:
                ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
            except ValueError:
                raise Fault("a key is no point of P-256") from None
        found.append((number, public))
    return found


CONTENT = rb"ni:(?:///|\\/\\/\\/)sha-256;([A-Za-z0-9_-]{43})"
NAMING = re.compile(rb'[{, \t\n\r]"content"[ \t\n\r]*:[ \t\n\r]*"' + CONTENT + b'"')


def content_digest(name):
    """The digest that the name of a content says, or None if it is no name."""
    code = name[14:] if type(name) is str and name.startswith("ni:///sha-256;") else ""
    digest = base64.urlsafe_b64decode(code + "=") if re.fullmatch("[A-Za-z0-9_-]{43}", code) else b""
    return digest if base64.urlsafe_b64encode(digest) == f"{code}=".encode() and len(digest) == 32 else None


def named_contents(entry, envelope):
    """The digests of the contents that a payload names: the names that members `content` have, by the bytes alone."""
    form, _, _, media_type = entry["payload"]
    if form != 1 or not (media_type == "application/json" or media_type.endswith("+json")):
        return []
    found = [content_digest("ni:///sha-256;" + code.decode()) for code in NAMING.findall(envelope, 16)]
    return [digest for digest in found if digest][:1_000]


def introduce(keyring, keys, role, source, index):
    """K6: keys never seen before, and each of them once."""
    by_id = {sha256(b"mohur/key/v1", bytes([number]), public): (number, public) for number, public in keys}
    require(len(by_id) == len(keys) and not by_id.keys() & keyring.keys.keys(), "a key was introduced before")
    require(role != "log" or all(number == 1 for number, _ in keys), "a log key must be of Ed25519")
    keyring.keys |= {identity: Key(role, source, *key, index) for identity, key in by_id.items()}
    keyring.in_force[role, source] += len(by_id)


def check_members(kind, event):
    """The members of an event of the stream `ledger`, each for itself. Returns the keys among them."""
    must, may = MEMBERS.get(kind, ({None}, set()))
    require(must <= event.keys() <= must | may, "its type is unknown, or its members are not those described")
    for name in event.keys() & TEXTS.keys():
        member_text(event[name], *TEXTS[name])
    if kind == "payload.removed":
        entries = event["entries"]
        require(type(entries) is list and 1 <= len(entries) <= 10_000
                and all(type(index) is int and 0 <= index < SIZE_LIMIT for index in entries)
                and sorted(set(entries)) == entries, "the entries of a removal are not ascending indexes")
    if kind == "content.removed":
        digests = [content_digest(name) for name in event["contents"]] if type(event["contents"]) is list else []
        require(1 <= len(digests) <= 10_000 and None not in digests and sorted(set(digests)) == digests,
                "the contents of a removal are not ascending names")
    if kind == "policy.adopted":
        for name, form in RULES.items():
            require(type(event[name]) is dict, "the rules of a policy are not an object")
            for rule, value in event[name].items():
                member_text(rule, 2_048 if name == "sources" else 255, form)
                member_text(value, 8, "signed|unsigned")
        parse_policy(event.get("witnesses", "quorum none\n").encode())
    if "vkey" in event:
        return [(1, parse_vkey(event["vkey"], [b"\x04"])["public"])]
    return member_keys(event["keys"], 2) if "keys" in event else member_keys([event] * ("algorithm" in event), 4)


def apply_event(keyring, kind, payload, index):
    """K6 to K9: an event of the stream `ledger`. Raises before anything is changed."""
    event = parse_object(payload)
    keys, old = check_members(kind, event), None
    role, source = event.get("role"), event.get("source")
    if kind in ("key.rotated", "key.revoked"):
        old = keyring.keys.get(bytes.fromhex(member_text(event.get("old", event["key"]), 64, HEX)))
        require(old and old.ended is None, "it ends a key that is not in force")
    if kind == "key.introduced":
        require((role == "source") == (source is not None), "a source is named for the role source, and no other")
    elif kind == "key.rotated":
        require(old.role != "witness", "a witness's key is not rotated")
        role, source = old.role, old.source
    elif kind == "key.revoked":
        require((old.role, keyring.in_force[old.role, None]) != ("authority", 1), "it revokes the last authority key")
        if "compromisedSince" in event:
            old.compromised = index, member_time(event["compromisedSince"])
    elif kind == "source.registered":
        require(source not in keyring.registered, "the source was registered before")
        role = "source"
    elif kind == "witness.registered":
        role = "witness"
    elif kind == "payload.removed":
        require(event["entries"][-1] < index and keyring.own.isdisjoint(event["entries"]),
                "it removes the payload of an entry of the stream ledger, or of one that is not before it")
        for removed in event["entries"]:
            keyring.removals.setdefault(removed, (index, VERDICTS[2 if "schedule" in event else 1]))
    elif kind == "content.removed":
        for name in event["contents"]:
            keyring.removals.setdefault(content_digest(name), (index, VERDICTS[2 if "schedule" in event else 1]))
    else:
        keyring.policy = event
    introduce(keyring, keys, role, source, index)
    if old:
        old.ended = index
        keyring.in_force[old.role, old.source] -= 1
    if kind == "source.registered":
        keyring.registered.add(source)


def apply_genesis(keyring, entry, payload, leaf):
    """Entry 0: its rules, and the authority keys that it names."""
    keyring.identity, keyring.origin = leaf, entry["source"]
    wanted = {"index": 0, "stream": "ledger", "revision": 0, "type": "ledger.created", "occurred": entry["recorded"]}
    require(wanted.items() <= {name: entry[name] for name in wanted}.items() and ORIGIN.fullmatch(entry["source"])
            and len(entry["source"]) <= 255 and not entry.keys() & {"schema", "correlation", "causation", "append"}
            and payload is not None, "entry 0 is not a genesis")
    if payload is False:                                      # not known
        return
    event = parse_object(payload)
    same = {"origin": entry["source"], "incarnation": str(uuid.UUID(bytes=entry["id"])), "formatVersion": 1}
    require(event == same | {"keys": event.get("keys")} and type(event["formatVersion"]) is int,
            "the payload of entry 0 does not repeat the entry")
    introduce(keyring, member_keys(event["keys"], 2), "authority", None, 0)


# ------------------------------------------------------------------------------------- 7  what is remembered, appends

@dataclass
class Head:
    """Where a record has come to. `unsure`: an entry of it stands there, but not what was recorded of it."""
    revision: int = -1
    leaf: bytes | None = None
    index: int = 0
    count: int = 0
    unsure: bool = False


@dataclass
class Walk:
    """What is remembered from entry to entry."""
    report: Report
    tree: Any                                                # a Tree, see below
    keyring: Keyring = field(default_factory=Keyring)
    run: deque = field(default_factory=deque)                # entries that may be in an append which ends later
    kept: deque = field(default_factory=deque)               # those of them whose payloads are kept
    kept_bytes: int = 0
    streams: dict = field(default_factory=dict)              # Head by name
    ids: set = field(default_factory=set)
    recorded: int = 0
    last: bytes | None = bytes(32)                           # leaf hash of the entry before, if it is known
    moved: dict = field(default_factory=dict)
    damaged: dict = field(default_factory=dict)              # by recorded hash: index, verdict, reason, stream
    unlinked: dict = field(default_factory=dict)             # damaged, and of no stream so far: verdict, reason
    removed: list = field(default_factory=list)              # index, stream, and of a content its digest
    contents: dict = field(default_factory=dict)             # verdicts by digest
    lists_contents: bool = True                              # whether the manifest tells which there are
    genesis: dict | None = None
    history: Any = field(default_factory=hashlib.sha256)     # None when not all of it is known
    roots: dict = field(default_factory=dict)                # of the sizes of earlier checkpoints
    lost: int = 0                                            # entries of which nothing is there


@dataclass(slots=True)
class Item:
    """An entry of the run; None stands there for one that is not known as it was recorded."""
    index: int
    stream: str
    source: str
    kind: str
    recorded: int
    digest: bytes
    required: bool
    size: int                                                # of its payload, in the stream `ledger`
    payload: Any                                             # likewise; False if it is not known
    doubt: int | None = None                                 # the damaged entry that may have its signature

    def tell(self, walk, verdict, reason):
        walk.report.about(self.index, self.stream, verdict, reason)


def must_be_signed(keyring, entry):
    """Whether an event must be in an append that is right: the rules in their order, as of this entry."""
    kind, source, policy = entry["type"], entry["source"], keyring.policy
    if entry["stream"] == "ledger":
        return True
    if policy:
        dots = [dot for dot in range(len(kind) - 2, 0, -1) if kind[dot] == "."]     # something stands behind each
        for rule in [kind] + [kind[:dot + 1] + "*" for dot in dots]:
            if rule in policy["types"]:
                return policy["types"][rule] == "signed"
        if source in policy["sources"]:
            return policy["sources"][source] == "signed"
    return ("source", source) in keyring.in_force or (policy is not None and policy["unsigned"] == "refused")


def sign_entry(walk, index, entry, payload):
    """Take the next entry into account: it may be in an append that ends later, or end one."""
    if walk.keyring.lost is not None:
        return
    own = entry["stream"] == "ledger"
    size = max(0, entry["payload"][2] - 16) if own and "payload" in entry else 0
    required, digest = must_be_signed(walk.keyring, entry), sha256(b"\x03", entry["signedMap"])
    item = Item(index, entry["stream"], entry["source"], entry["type"], entry["recorded"], digest, required, size,
                payload if own else None)
    if own:
        walk.keyring.own.add(index)
        walk.kept.append(item)
        walk.kept_bytes += size
        while walk.kept_bytes > APPEND_PAYLOADS_LIMIT:        # an append with the oldest is never right (K1)
            oldest = walk.kept.popleft()
            walk.kept_bytes, oldest.payload = walk.kept_bytes - oldest.size, None
    add_to_run(walk, item)
    if "append" in entry:
        end_append(walk, index, *entry["append"])


def add_to_run(walk, item):
    walk.run.append(item)
    if len(walk.run) > APPEND_LIMIT:
        judge_uncovered(walk, [walk.run.popleft()])


def judge_uncovered(walk, items):
    """Entries that no append covers."""
    for item in items:
        if item and item.doubt is not None and item.required:
            item.tell(walk, "unverifiable", f"its signature may stand in entry {item.doubt}, which is damaged")
        elif item and item.required:
            item.tell(walk, "altered" if item.stream == "ledger" else "unsigned",        # the former by K5
                      "it must be signed, and is in no signed append that is right")


def end_append(walk, index, count, identity, signature):
    """K1 to K4. Of an append in which an entry is damaged, the signature cannot be checked."""
    run, first, keyring = list(walk.run), index - count + 1, walk.keyring
    walk.run, walk.kept, walk.kept_bytes = deque(), deque(), 0
    covered = run[-count:] if count <= len(run) else run[-1:]
    if covered[-1].stream == "ledger":                        # covers no others (K3)
        foreign = max((at for at, item in enumerate(covered) if item and item.stream != "ledger"), default=None)
        if foreign is not None and None not in covered[foreign:]:
            covered = run[-1:]
    judge_uncovered(walk, run[:-len(covered)])
    if None in covered:
        walk.report.skip("signatures of appends in which an entry is not as it was recorded")
        for item in covered:
            if item and item.required:
                item.tell(walk, "unverifiable", "an entry of its append is not as it was recorded")
        if covered[-1].stream == "ledger":
            lose_keys(walk, first + covered.index(None), "an append of the stream ledger is not as it was recorded")
        return
    try:
        require(count == len(covered), "it counts more entries than it can cover")
        require(sum(item.size for item in covered) <= APPEND_PAYLOADS_LIMIT, "its payloads are too long together")
        key = keyring.keys.get(identity)
        require(key and key.in_force(first), "its key was not in force")
        makers = {item.stream if item.stream == "ledger" else ("source", item.source) for item in covered}
        require(makers == {"ledger" if key.role == "authority" else (key.role, key.source)},
                "its key may not sign for these streams and sources")
        message = [b"mohur/append/v1", keyring.identity, count.to_bytes(8, "big"), *(item.digest for item in covered)]
        require(signature_holds(key.algorithm, key.public, signature, b"".join(message)), "its signature is wrong")
    except Fault as fault:
        for item in covered:
            item.tell(walk, "altered", f"the append that ends with entry {index}: {fault.reason}")
        return
    walk.report.checked["signatures of appends"] += 1
    for item in covered:
        if item.stream != "ledger" or learn(walk, item):
            key.signed.extend((item.index, item.recorded))


def learn(walk, item):
    """An event of the stream `ledger` in an append that is right has its effect, unless it breaks a rule."""
    if walk.keyring.lost is None and item.payload is False:
        lose_keys(walk, item.index, f"the payload of entry {item.index} is not known")
    if walk.keyring.lost is not None:
        return False
    try:
        require(item.payload is not None and item.source == walk.keyring.origin,
                "its source is not the origin, or its payload is not clear JSON")
        apply_event(walk.keyring, item.kind, item.payload, item.index)
        return True
    except Fault as fault:
        item.tell(walk, "altered", f"it has no effect: {fault.reason}")
        return False


def lose_keys(walk, index, reason):
    if walk.keyring.lost is None:
        walk.keyring.lost = index
        walk.report.general("signatures", "unverifiable", f"keys and policy are not known from there on: {reason}")


def sign_gap(walk, index, stream):
    """An entry that is not known as it was recorded. `stream` is None when nothing says which stream it was in."""
    if walk.keyring.lost is not None:
        return
    add_to_run(walk, None)
    before = walk.run[-2] if len(walk.run) > 1 else None
    own = before is not None and before.stream == "ledger"
    for item in itertools.islice(reversed(walk.run), 1, None):     # it may end an append with these: all ledger or none
        if item is None or (item.stream == "ledger") != own:
            break
        item.doubt = index
    if index == 0 or stream in (None, "ledger") or own:
        judge_uncovered(walk, walk.run)
        walk.run, walk.kept = deque(), deque()
        lose_keys(walk, index, f"entry {index} is not as it was recorded, and may have changed them")


# -------------------------------------------------------------------------------------------------------- 8  the bag

MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAG_FILES = ["README.txt", "bag-info.txt", "bagit.txt", MANIFEST]
TAG_LINE = re.compile(rb"([0-9a-f]{64})  ([^\r\n]+)\n")
TAG_PATH = re.compile(r"(?!tagmanifest-[^/]*\Z|(?:data|incoming)(?:/|\Z))"
                      r"(?:(?!\.{0,2}(?:/|\Z))(?:[^%/\0]|%0A|%0D|%25)+(?:/(?!\Z)|\Z))+")
DECIMAL = "(0|[1-9][0-9]{0,19})"
INFO = {"Bagging-Date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "Payload-Oxum": rf"{DECIMAL}\.{DECIMAL}",
        "External-Identifier": ".*", "Internal-Sender-Identifier": ".*", "External-Description": ".*",
        "Bag-Software-Agent": ".*", "Mohur-Archive-Version": "1", "Mohur-Entries": DECIMAL, "Mohur-Root": HEX}
INFO_LINES = re.compile("".join(f"{label}: {form}\n" for label, form in INFO.items())
                        + rf"(?:(?:[ \t]|(?!(?i:{'|'.join(INFO)}):)[^:\n]+:).*\n)*")
DATA_PATH = re.compile(r"data/(?:(checkpoints)/(\d{20})\.(checkpoint|tsq|tsr)|(keys)/(\d{20})\.json"
                       r"|(payloads|tile/entries|tile/[0-7])/((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?"
                       r"|(contents)/([0-9a-f]{2})/(\10[0-9a-f]{62}))", re.ASCII)
LIMITS = (("data/checkpoints/", CHECKPOINT_LIMIT), ("data/payloads/", WIDTH * (4 + ENVELOPE_LIMIT)),
          ("data/tile/entries/", WIDTH * (2 + ENTRY_LIMIT)), ("data/tile/", 32 * WIDTH), ("data/keys/", SIZE_LIMIT), ("data/contents/", SIZE_LIMIT),
          (MANIFEST, SIZE_LIMIT), ("", OTHER_TAG_LIMIT))


def tag_lines(archive, path, limit=SIZE_LIMIT):
    """The lines of a manifest as (digest, path); None for one that is malformed or too long."""
    with open_file(archive, path, limit) as file:
        while line := file.readline(LINE_LIMIT + 1):
            parts = TAG_LINE.fullmatch(line) if len(line) <= LINE_LIMIT else None
            try:
                yield (parts[1].decode(), parts[2].decode()) if parts else None
            except UnicodeDecodeError:
                yield None
            while line and not line.endswith(b"\n"):
                line = file.readline(LINE_LIMIT)


def parse_path(path):
    """What a path below data/ names: a kind, a size or number, and the suffix or width. None if it names nothing."""
    parts = DATA_PATH.fullmatch(path)
    if not parts:
        return None
    if parts[9]:
        return parts[9], 0, parts[11]
    if parts[6] is None:
        return (parts[1], int(parts[2]), parts[3]) if parts[1] else (parts[4], int(parts[5]), None)
    found = parts[6], int(re.sub("[x/]", "", parts[7])), int(parts[8] or WIDTH)
    return found if file_name(*found) == path else None


def content_path(digest):
    return f"data/contents/{digest.hex()[:2]}/{digest.hex()}"


def checkpoint_path(size, kind="checkpoint"):
    return f"data/checkpoints/{size:020d}.{kind}"


def find_checkpoints(archive, report):
    """The sizes of checkpoints, ascending, with whether each has a timestamp; whether the manifest is in order (A3).
    When it is not, the folder of checkpoints is asked as well."""
    stored, stamped, malformed, in_order = set(), set(), False, False

    def add(path):
        kind, size, suffix = parse_path(path) or ("", 0, None)
        some = stored if suffix == "checkpoint" else stamped
        if kind == "checkpoints" and 0 < size <= SIZE_LIMIT and len(some) < CHECKPOINTS_LIMIT:
            some.add(size)

    def checkpoints():
        return {size: size in stamped for size in sorted(stored)}

    with report.guard(MANIFEST):
        for line in tag_lines(archive, MANIFEST):
            malformed = malformed or line is None
            add(line[1] if line else "")
        require(not malformed, "a line is malformed or too long")
        wanted, last = expected_paths(max(stored, default=0), checkpoints()), ""
        for digest, path in tag_lines(archive, MANIFEST):
            expected = next(wanted, None)
            if expected is None:                              # contents, by ascending digest
                require(last < digest, "its contents do not ascend")
                expected, last = content_path(bytes.fromhex(digest)), digest
            require(path == expected, "its lines are not those of an archive of this size")
        require(next(wanted, None) is None, "lines are missing that an archive of this size has")
        in_order = True
    if not in_order:
        with contextlib.suppress(Fault), opened(archive, "data/checkpoints", FOLDER) as number:
            for item in os.scandir(number):
                add(f"data/checkpoints/{item.name}" if item.is_file(follow_symlinks=False) else "")
    return checkpoints(), in_order


def expected_paths(size, checkpoints):
    """The paths of a manifest, in their order. Without end if the size is a lie: take as many as there are lines."""
    for at, stamped in checkpoints.items():
        yield from (checkpoint_path(at, kind) for kind in ("checkpoint", "tsq", "tsr")[:3 if stamped else 1])
    yield f"data/keys/{size:020d}.json"
    for kind, level in [("payloads", 0), *((f"tile/{level}", level) for level in range(8)), ("tile/entries", 0)]:
        for number in range(-(-(size >> (8 * level)) // WIDTH)):
            yield file_name(kind, number, width_at(size, level, number))


def check_digest(archive, report, digest, path):
    """A2 and A5: the file has the SHA-256 stated. Returns its length."""
    limit, running, length = next(limit for start, limit in LIMITS if path.startswith(start)), hashlib.sha256(), 0
    with report.guard(path), open_file(archive, path, limit) as file:
        while chunk := file.read(1 << 20):
            running.update(chunk)
            length += len(chunk)
        require(running.hexdigest() == digest, "it has not the SHA-256 that it should have")
        report.checked["files against their SHA-256"] += 1
    return length


def check_files(archive, report, checkpoints, in_order):
    """A5. Returns the bytes and the number of the files, as Payload-Oxum has them when no fault was found, and the
    verdicts on contents by digest, None when the manifest does not tell which there are."""
    lengths, contents = [], {} if in_order else None
    with report.guard(MANIFEST):
        for digest, path in tag_lines(archive, MANIFEST) if in_order else ():
            lengths.append(check_digest(archive, report, digest, path))
            if path.startswith("data/contents/"):
                contents[bytes.fromhex(digest)] = verdict_on(report, path)
    for size in checkpoints if not in_order else ():
        report.skip("files against the manifest, which is not in order")
        for path in [checkpoint_path(size, kind) for kind in ("tsq", "tsr") if checkpoints[size]]:
            with report.guard(path), open_file(archive, path):
                pass
    return f"{sum(lengths)}.{len(lengths)}", contents


def verdict_on(report, path):
    return worst(verdict for verdict in VERDICTS if (path, verdict) in report.findings)


def check_folders(archive, report, size, checkpoints, contents):
    """A4: nothing else below data/. Returns which numbers there are of the files that give hashes, by kind."""
    present, folders = {"tile/entries": set(), "tile/0": set(), "tile/1": set()}, ["data"]
    while folders:
        folder, empty = folders.pop(), True
        with report.guard(folder), opened(archive, folder, FOLDER) as descriptor, os.scandir(descriptor) as items:
            for item in items:
                path, empty = f"{folder}/{os.fsencode(item.name).decode(errors='replace')}", False
                if path != f"{folder}/{item.name}":
                    report.general(path, "altered", "its name is not UTF-8")
                    continue
                if item.is_dir(follow_symlinks=False):
                    folders.append(path)
                    continue
                kind, number, width = parse_path(path) or ("", 0, None)
                if kind == "checkpoints":
                    expected = number in checkpoints and (width == "checkpoint" or checkpoints[number])
                elif kind == "keys":
                    expected = number == size
                elif kind == "contents":
                    expected = contents is None or bytes.fromhex(width) in contents
                else:
                    level = int(kind[5:]) if kind[5:].isdigit() else 0
                    expected = kind and 0 < width == width_at(size, level, number)
                if not expected or not item.is_file(follow_symlinks=False):
                    report.general(path, "altered", "no regular file, or none of an archive of this size")
                elif kind in present:
                    present[kind].add(number)
            require(not empty, "a folder without files")
    return present


def check_tag_files(archive, report):
    """A1 and A2. Returns bag-info.txt as a dictionary, empty if that is not as described."""
    if os.path.lexists(os.path.join(archive, "fetch.txt")):
        report.general("fetch.txt", "altered", "an archive has no such file")
    if os.path.lexists(os.path.join(archive, "incoming", TAG_MANIFEST)):
        report.general("incoming", "unverifiable", "an update was decided and is not finished")
    with report.guard("bagit.txt"):
        require(read_file(archive, "bagit.txt", TAG_LIMIT) == BAGIT, "it is not the two lines")
    lines, info = [], {}
    with report.guard(TAG_MANIFEST):
        named = list(tag_lines(archive, TAG_MANIFEST, TAG_LIMIT))
        paths = [line and line[1] for line in named]
        require(paths[:4] == TAG_FILES and len(set(paths)) == len(paths)
                and all(path and TAG_PATH.fullmatch(path) for path in paths), "its lines are not those described")
        lines = named
    for digest, path in lines:
        check_digest(archive, report, digest, re.sub("%(..)", lambda code: chr(int(code[1], 16)), path))
    with report.guard("bag-info.txt"):
        text = utf8(read_file(archive, "bag-info.txt", TAG_LIMIT))
        parts = INFO_LINES.fullmatch(text)
        require(parts and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)
                and all(int(number) <= U64 for number in parts.groups()), "it is not as described")
        info = dict(line.split(": ", 1) for line in text.split("\n")[:len(INFO)])
    return info


# -------------------------------------------------------------------------------------------- 9  the way to the root

SIDES = ("entries", "level 0", "level 1", "two of three")


@dataclass
class Bundle:
    """What an archive has of 256 entries, or fewer at its end. `roots`: of these entries, as each side has it."""
    width: int
    entries: list                                            # as many as there are, also behind the last
    leaves: list
    fault: Fault | None
    tile: list | None
    roots: dict


class Tree:
    """The tree of an archive. `visit`: the bundles to look at: all, or when they are very many, since the size may be a
    lie, those of which anything is there (`present`). `side`: which hashes lead to the root, with `tail` as that of the
    last bundle. `disputed`: bundles whose sides do not agree. `disagree`: whether any files contradict each other."""

    def __init__(self, archive, size, present):
        count = -(-size // WIDTH)
        visit = set(range(count)) if count <= MISSING_LIMIT else present["tile/entries"] | present["tile/0"]
        for number in present["tile/1"]:
            visit.update(range(WIDTH * number, WIDTH * number + width_at(size, 1, number)))
        self.archive, self.size, self.visit, self.whole = archive, size, sorted(visit), len(visit) == count
        self.tile = functools.lru_cache(maxsize=8)(functools.partial(read_tile, self))
        self.bundle = functools.lru_cache(maxsize=4)(functools.partial(read_bundle, self))
        self.side, self.tail, self.disputed, self.disagree = None, None, [], False


def read_tile(tree, level, number):
    """The hashes of a tile, or the fault in it."""
    width = width_at(tree.size, level, number)
    try:
        data = read_file(tree.archive, file_name(f"tile/{level}", number, width), 32 * WIDTH)
        require(len(data) == 32 * width, f"it has not {width} hashes")
        return [data[i:i + 32] for i in range(0, len(data), 32)], None
    except Fault as fault:
        return None, fault


def read_bundle(tree, number):
    """Reads on behind the last entry that should be there, for moved ones."""
    width, entries, at, fault = width_at(tree.size, 0, number), [], 0, None
    try:
        data = read_file(tree.archive, file_name("tile/entries", number, width), WIDTH * (2 + ENTRY_LIMIT))
        while at < len(data) and len(entries) < width + WIDTH:
            start, at = at + 2, at + 2 + int.from_bytes(data[at:at + 2], "big")
            require(max(start, at) <= len(data), "it ends within an entry")
            entries.append(data[start:at])
        require(len(entries) == width, f"it has not {width} entries")
    except Fault as problem:
        fault = problem
    leaves = [sha256(b"\x00", entry) for entry in entries]
    tile, above = tree.tile(0, number)[0], tree.tile(1, number // WIDTH)[0] if width == WIDTH else None
    by_entries = tree_root(leaves[:width]) if len(leaves) >= width else None
    sides = [by_entries, by_entries if tile == leaves else tree_root(tile), above[number % WIDTH] if above else None]
    twice = next((root for root in sides if root and sides.count(root) > 1), None)
    return Bundle(width, entries, leaves, fault, tile, dict(zip(SIDES, [*sides, twice])))


def named_leaves(tree, number):
    """The leaf hashes of a bundle as the entries behind name them; None when the bundle is not whole."""
    bundle = tree.bundle(number)
    if len(bundle.leaves) < bundle.width:
        return None
    last = WIDTH * number + bundle.width == tree.size
    behind = bundle.entries[1:bundle.width] + ([] if last else tree.bundle(number + 1).entries[:1])
    decoded = [decode_or_none(raw) for raw in behind] + [None] * (bundle.width - len(behind))
    return [entry["previous"] if entry else leaf for leaf, entry in zip(bundle.leaves, decoded)]


def side_root(tree, number, side):
    """The root of a bundle as one side has it."""
    return tree_root(named_leaves(tree, number)) if side == "named" else tree.bundle(number).roots[side]


def bundle_root(tree, number):
    """The root of a bundle as the signed root has it, or None."""
    partial = tree.side is None or width_at(tree.size, 0, number) < WIDTH
    return tree.tail if partial else side_root(tree, number, tree.side)


def choose_side(tree, root):
    """Find the hashes that lead to the root: one side of all full bundles, and any of the bundle that is not full."""
    full, rest = divmod(tree.size, WIDTH)
    peaks = {side: [] for side in SIDES}
    for number in tree.visit:
        bundle = tree.bundle(number)
        if bundle.fault or len({bundle.roots[side] for side in SIDES[:3 if bundle.width == WIDTH else 2]}) > 1:
            tree.disputed.append(number)
        peaks = {side: row for side, row in peaks.items() if number == full or bundle.roots[side]}
        for side, row in peaks.items() if number != full else ():
            add_peak(row, bundle.roots[side])
    if not tree.whole or root is None:
        return
    tails = [side_root(tree, full, side) for side in ("entries", "level 0", "named")] if rest else []
    for side in (*SIDES, "named"):
        if side == "named":                                   # costs more, so only when all others have failed
            roots = [side_root(tree, number, side) for number in range(full)]
            peaks |= {} if None in roots else {side: []}
            for one in roots if side in peaks else ():
                add_peak(peaks[side], one)
        for tail in filter(None, tails) if rest else [None]:
            if side in peaks and root_of_peaks(peaks[side], tail) == root:
                tree.side, tree.tail = side, tail
                return


def recorded_hashes(tree, number):
    """The leaf hashes of a bundle as they were recorded, None for those that nothing tells. Without a way to the root:
    those of its tile, since an entry that differs from it was changed after it was written, or else of the entries."""
    bundle, root = tree.bundle(number), bundle_root(tree, number)
    if tree.side is None:
        return bundle.tile or (bundle.leaves + [None] * bundle.width)[:bundle.width]
    if bundle.roots["entries"] == root:
        return bundle.leaves[:bundle.width]
    if bundle.roots["level 0"] == root:
        return bundle.tile
    named = named_leaves(tree, number)
    return named if tree_root(named) == root else [None] * bundle.width


def find_moved(tree):
    """The entries in bundles that are not as recorded: stream by leaf hash, to know those that stand elsewhere."""
    moved = {}
    for number in tree.disputed:
        bundle = tree.bundle(number)
        if recorded_hashes(tree, number) != bundle.leaves:
            decoded = map(decode_or_none, bundle.entries)
            moved |= {leaf: entry and entry["stream"] for leaf, entry in zip(bundle.leaves, decoded)}
    return moved


# ------------------------------------------------------------------------------------------- 10  entries, one by one

def check_tile(walk, level, number, wanted):
    """A8: a tile has the hashes that follow from what is below it. None is a hash that is not known."""
    with walk.report.guard(file_name(f"tile/{level}", number, len(wanted))):
        hashes, fault = walk.tree.tile(level, number)
        if not fault and any(want is not None and want != have for want, have in zip(wanted, hashes)):
            fault = Fault("its hashes are not those of what is below it")
        if fault:
            walk.tree.disagree = True
            raise fault
        walk.report.checked["tiles"] += 1


def check_upper_tiles(walk, rows, level, root):
    """Add the root of a full tile to the row of the level above, and check the tile there when it is full."""
    while len(rows) <= level:
        rows.append([0, []])
    number, row = rows[level]
    row.append(root)
    if len(row) == WIDTH:
        check_tile(walk, level, number, row)
        rows[level] = [number + 1, []]
        check_upper_tiles(walk, rows, level + 1, tree_root(row))


def check_entries(walk, sizes):
    """All entries in their order, and what is to be compared with them on the way: the roots at these sizes too."""
    tree, rows, peaks, next_number = walk.tree, [], [], 0
    earlier = deque(sorted(size for size in sizes if size <= tree.size))
    walk.moved = find_moved(tree)
    for number in tree.visit:
        if number != next_number:                             # of those before nothing is there
            sign_gap(walk, WIDTH * next_number, None)
            walk.history, walk.last, peaks = None, None, None
        recorded = check_bundle(walk, number)
        while earlier and earlier[0] <= WIDTH * number + len(recorded) and earlier[0] < WIDTH * (number + 1):
            size = earlier.popleft()
            tail = tree_root(recorded[:max(0, size - WIDTH * number)])
            if tail and peaks is not None:
                walk.roots[size] = root_of_peaks(peaks, tail)
        if len(recorded) == WIDTH:
            root = tree_root(recorded) or bundle_root(tree, number)
            if tree.whole:
                check_upper_tiles(walk, rows, 1, root)
            if root is None:
                peaks = None
            elif peaks is not None:
                add_peak(peaks, root)
            if earlier and earlier[0] == WIDTH * (number + 1):
                size = earlier.popleft()
                if peaks is not None:
                    walk.roots[size] = root_of_peaks(peaks)
        next_number = number + 1
    for level, (number, row) in enumerate(rows):
        if row:
            check_tile(walk, level, number, row)
    if not tree.whole:
        walk.report.skip("tiles of level 1 and above, since entries are not there")
        walk.lost = tree.size - sum(width_at(tree.size, 0, number) for number in tree.visit)
        walk.report.general("data/tile/entries", "missing", f"{walk.lost} entries, and nothing of their tiles is there")
        tree.disagree = True
        sign_gap(walk, WIDTH * next_number, None)
    judge_uncovered(walk, walk.run)
    for index, (verdict, reason) in walk.unlinked.items():
        walk.report.general(f"entry {index}", verdict, reason)


def payload_records(walk, path, width):
    """Of each entry of a bundle what stands for its payload (A6): the length stated and the envelope, or None."""
    missing = width
    with walk.report.guard(path), open_file(walk.tree.archive, path) as file:
        while missing > 0:
            head = file.read(4)
            length = int.from_bytes(head, "big")
            require(len(head) == 4 and (length <= ENVELOPE_LIMIT or length == REMOVED),
                    "it ends too early, or states a length that no envelope has")
            envelope = b"" if length == REMOVED else file.read(length)
            require(length in (len(envelope), REMOVED), "it ends within an envelope")
            missing -= 1
            yield length, envelope
        require(not file.read(1), "bytes behind the last payload")
    yield from [(None, None)] * missing


def check_payload(entry, length, envelope):
    """A10. Returns the payload, when it is of form 1 and of the media type application/json, or None."""
    if "payload" not in entry:
        require(not length, "a payload, or a removed one, where the entry has none")
        return None
    form, digest, size, media_type = entry["payload"]
    require(length != REMOVED, "the payload was removed", "removed")
    require(length or not size, "the payload is not there", "missing")
    require(length == size and sha256(b"\x02", envelope) == digest and (form != 1 or length >= 16),
            "the payload is not the one that the entry names")
    return envelope[16:] if (form, media_type) == (1, "application/json") else None


def check_bundle(walk, number):
    """The entries of a bundle. Returns their recorded hashes."""
    tree, bundle, recorded = walk.tree, walk.tree.bundle(number), recorded_hashes(walk.tree, number)
    if bundle.fault:
        path = file_name("tile/entries", number, bundle.width)
        walk.report.general(path, bundle.fault.verdict, bundle.fault.reason)
    if bundle.fault or recorded != bundle.leaves[:bundle.width]:
        tree.disagree = True
    check_tile(walk, 0, number, recorded)
    payloads = payload_records(walk, file_name("payloads", number, bundle.width), bundle.width)
    for i, (length, envelope) in enumerate(payloads):
        index, want = WIDTH * number + i, recorded[i]
        raw, here = (bundle.entries[i], bundle.leaves[i]) if i < len(bundle.leaves) else (None, None)
        denied = here and (tree.side is None or want is None) and next_denies(tree, index, here)
        entry, fault = None, None
        if want is not None and here == want and not denied:
            walk.report.checked["entries against the tree"] += 1
            try:
                entry = decode_entry(raw)
            except Fault as problem:
                fault = f"it was recorded against the format: {problem.reason}"
        if entry:
            check_entry(walk, index, entry, want, length, envelope)
        else:
            changed = want is not None or denied or (bundle.tile is not None and bundle.tile[i] != here)
            judge_damage(walk, index, want, here, raw, changed, fault)
        walk.last = None if denied else want
    return recorded


def next_denies(tree, index, leaf):
    """Whether the entry behind says that this one had another leaf hash: what is left where the tree says nothing."""
    number, i = divmod(index + 1, WIDTH)
    entries = tree.bundle(number).entries if index + 1 < tree.size else []
    behind = decode_or_none(entries[i]) if i < len(entries) else None
    return behind is not None and behind["previous"] != leaf


def judge_damage(walk, index, want, here, raw, changed, fault):
    """An entry that is not as it was recorded (`changed`), or against the format (`fault`), or nothing says how it was
    recorded."""
    size, decoded = walk.tree.size, decode_or_none(raw) or {"stream": None, "index": index}
    stream, place = decoded["stream"], decoded["index"]
    if fault:
        verdict, reason = "altered", fault
    elif want is not None and want in walk.moved and want != here:
        verdict, reason = "reordered", "the entry that was recorded here stands at another place"
        stream = walk.moved[want]
    elif here is None:
        verdict, reason = "missing", "its bytes are not there"
    elif place != index and place < size and recorded_hashes(walk.tree, place // WIDTH)[place % WIDTH] == here:
        verdict, reason, stream = "missing", f"entry {place} stands in its place", None
    elif changed:
        verdict, reason = "altered", "its bytes are not those that were recorded"
    else:
        verdict, reason = "unverifiable", "nothing tells how it was recorded"
    walk.report.about(index, stream, verdict, reason)
    if want is not None:
        walk.damaged[want] = (index, verdict, reason, stream)
    if stream is None:
        walk.unlinked[index] = (verdict, reason)              # a later entry of its stream may tell which that is
    else:
        head = count_entry(walk, stream, index)
        head.unsure = head.unsure or want is None
    sign_gap(walk, index, stream)
    if index == 0 or stream in (None, "ledger"):
        walk.history = None


def count_entry(walk, stream, index):
    head = walk.streams.setdefault(stream, Head())
    head.count, head.index = head.count + 1, max(index, head.index)
    return head


def check_entry(walk, index, entry, leaf, length, envelope):
    """An entry as it was recorded: the rules between entries (A7), its payload (A10), its signature."""
    report, stream = walk.report, entry["stream"]
    for broken, verdict, reason in (
            (entry["index"] != index, "reordered", "it states another index"),
            (walk.last not in (None, entry["previous"]), "altered", "previous is not the hash of the entry before"),
            (entry["recorded"] < walk.recorded, "altered", "it was recorded before the entry before it"),
            (entry["id"] in walk.ids, "altered", "its id stands twice")):
        if broken:
            report.about(index, stream, verdict, reason)
    walk.recorded = max(walk.recorded, entry["recorded"])
    walk.ids.add(entry["id"])
    check_link(walk, index, entry)
    head = count_entry(walk, stream, index)
    head.revision, head.leaf, head.unsure = entry["revision"], leaf, False
    payload = False                                           # False: not known
    try:
        payload = check_payload(entry, length, envelope)
        report.checked["payloads"] += "payload" in entry
        for digest in named_contents(entry, envelope) if "payload" in entry else ():
            check_content(walk, index, stream, digest)
    except Fault as fault:
        if fault.verdict == "removed":
            walk.removed.append((index, stream, None))        # whether rightly, a later event may say
        else:
            report.about(index, stream, fault.verdict, fault.reason)
    if index == 0:
        check_genesis(walk, entry, payload, leaf)
    else:
        sign_entry(walk, index, entry, payload)
    if stream == "ledger":
        add_to_history(walk, index, entry, payload)


def check_content(walk, index, stream, digest):
    """A13: a content that a payload names."""
    if digest not in walk.contents and not walk.lists_contents:
        report = Report()
        check_digest(walk.tree.archive, report, digest.hex(), content_path(digest))
        walk.contents[digest] = verdict_on(report, content_path(digest))
    verdict = walk.contents.get(digest, "missing")
    walk.report.checked["names of contents in payloads"] += 1
    if verdict == "missing":
        walk.removed.append((index, stream, digest))
    elif verdict != "intact":
        walk.report.about(index, stream, verdict, f"its content {digest.hex()} is not as its name says")


def check_link(walk, index, entry):
    """Revisions are 0, 1, 2 …, and streamPrevious is the leaf hash of the record's entry before."""
    stream, link = entry["stream"], entry.get("streamPrevious")
    head, damaged = walk.streams.get(stream) or Head(), walk.damaged.get(link)
    if damaged and link != head.leaf:
        at, verdict, reason, claimed = damaged                # known not to be as recorded: now also whose it is
        if claimed != stream:
            walk.unlinked.pop(at, None)
            walk.damaged[link] = (at, verdict, reason, stream)
            walk.report.about(at, stream, verdict, reason)
            count_entry(walk, stream, at)
    elif not head.unsure and entry["revision"] > head.revision + 1:
        walk.report.about(index, stream, "missing", f"revision {entry['revision'] - 1} of the record is not there")
    elif not head.unsure and (entry["revision"] <= head.revision or link != head.leaf):
        walk.report.about(index, stream, "altered", "its revision or streamPrevious does not follow the entry before")


def check_genesis(walk, entry, payload, leaf):
    walk.keyring.own.add(0)
    try:
        apply_genesis(walk.keyring, entry, payload, leaf)
        walk.genesis = entry
    except Fault as fault:
        walk.report.about(0, entry["stream"], fault.verdict, fault.reason)
        walk.history = None
    if payload is False or walk.genesis is None:
        lose_keys(walk, 0, "entry 0 or its payload is not as it must be")


def add_to_history(walk, index, entry, payload):
    """The next line of the key history, if all before it were known (A11)."""
    if payload is False or walk.history is None:
        walk.history = None
        return
    kind, time = re.sub(r'(["\\])', r"\\\1", entry["type"]), time_text(entry["recorded"])
    before = ",\n" if index else ('{"format":"mohur/key-history/v1","origin":"%s","size":%d,"events":[\n'
                                  % (entry["source"], walk.tree.size))
    line = f'{before}{{"index":{index},"recorded":"{time}","type":"{kind}","payload":'
    walk.history.update(line.encode() + (b"null" if payload is None else payload) + b"}")


def check_history(walk):
    """A11."""
    path = f"data/keys/{walk.tree.size:020d}.json"
    with walk.report.guard(path), open_file(walk.tree.archive, path) as file:
        if walk.history is None:
            walk.report.skip(f"{path}: the events of the stream ledger are not all known")
            return
        walk.history.update(b"\n]}\n")
        require(hashlib.file_digest(file, "sha256").digest() == walk.history.digest(),
                "it does not repeat the events of the stream ledger")
        walk.report.checked["key history"] += 1


def judge_removals(walk):
    """Whether payloads and contents were removed by an event that says so."""
    for index, stream, digest in walk.removed:
        event, verdict = walk.keyring.removals.get(digest or index, (None, "missing"))
        what = f"its content {digest.hex()}" if digest else "the payload"
        walk.report.about(index, stream, verdict, f"{what} was removed under event {event}" if event else
                          f"{what} was removed, and no event authorises that")


# -------------------------------------------------------------------------------------------------- 11  checkpoints

def read_checkpoint(archive, size):
    """Text, signatures, origin and root of the checkpoint of so many entries."""
    text, signatures = parse_note(read_file(archive, checkpoint_path(size), CHECKPOINT_LIMIT))
    parts = re.fullmatch("([^\n]+)\n([1-9][0-9]{0,18})\n([^\n]+)\n", text)
    require(parts and int(parts[2]) == size and len(root := unbase64(parts[3])) == 32,
            "it is no checkpoint of so many entries as its name says")
    return text, signatures, parts[1], root


def read_newest(archive, report, size, policy):
    """Origin, root, whether it is to be trusted, cosigners, log key of the newest checkpoint (A12)."""
    origin, root, trusted, cosigners, log = None, None, False, [], None
    with report.guard(checkpoint_path(size)):
        text, signatures, origin, root = read_checkpoint(archive, size)
        try:
            log, found, enough = judge_note(text, signatures, policy)
            require(log, "it is not signed by a log of the policy whose name is the origin")
            cosigners = found
            require(enough, "too few witnesses of the policy have cosigned it")
            trusted = True
        except Fault as fault:
            report.general("checkpoint", "unverifiable", fault.reason)
    return origin, root, trusted, cosigners, log and log[0]


def log_keys(walk, size):
    """The log keys that the first entries have introduced, those in force first; none when that is not known."""
    if walk.keyring.lost is not None and walk.keyring.lost < size:
        walk.report.skip("whether log keys are in force by the ledger's own events, where these are not known")
        return [], []
    keys = [key for key in walk.keyring.keys.values() if key.role == "log" and key.since < size]
    return keys, [key for key in keys if key.in_force(size)]


def check_earlier(walk, policy, size, origin):
    """A9 and A12 of an earlier checkpoint. Returns whether a log of the policy signed it and it agrees."""
    path, report, root = checkpoint_path(size), walk.report, walk.roots.get(size)
    with report.guard(path):
        text, signatures, stated_origin, stated_root = read_checkpoint(walk.tree.archive, size)
        signed = judge_note(text, signatures, policy)[0] is not None
        require(origin in (None, stated_origin), "it is of another origin")
        require(root is not None, "the root of so many entries is not known", "unverifiable")
        require(stated_root == root, "its root is not that of the entries", "forked" if signed else "altered")
        report.checked["earlier checkpoints against the tree"] += 1
        if not signed:
            report.skip(f"{path}: no log of the policy signed it")
        keys, in_force = log_keys(walk, size)
        own = [note_key(stated_origin, b"\x01", key.public) for key in in_force]
        if keys and not any((key["name"], key["id"]) == (name, key_hash) and note_signature_holds(key, signature, text)
                            for key in own for name, key_hash, signature, _ in signatures):
            report.general(path, "unverifiable", "no log key that the ledger's own events have in force signed it")
        return signed
    return False


def check_known(walk, known):
    """What the caller knows of the ledger: roots by size."""
    for size, wanted in known.items():
        with walk.report.guard(f"known {size}"):
            require(size <= walk.tree.size, f"the ledger once had {size} entries", "missing")
            root = walk.roots.get(size)
            require(root is not None, "the root of so many entries is not known", "unverifiable")
            require(root == wanted, "the entries lead to another root", "forked")


def check_timestamp(walk, size, policy, anchors, openssl):
    """The .tsr is a timestamp of the checkpoint with the log's own line alone. openssl knows whom to trust."""
    try:
        text, signatures, _, _ = read_checkpoint(walk.tree.archive, size)
        log = judge_note(text, signatures, policy)[0]
        require(log, "no log of the policy signed it")
        files = [read_file(walk.tree.archive, checkpoint_path(size, kind), CHECKPOINT_LIMIT) for kind in ("tsq", "tsr")]
    except Fault as fault:
        walk.report.skip(f"{checkpoint_path(size, 'tsr')}: {fault.reason}")
        return []
    imprint = hashlib.sha256((text + "\n" + log[1]).encode()).hexdigest()
    tsq, tsr = (os.path.abspath(f"{walk.tree.archive}/{checkpoint_path(size, kind)}") for kind in ("tsq", "tsr"))
    shown = run_openssl(openssl, "-reply", "-in", tsr, "-text") or ""
    stamp = re.search(r"^Time stamp: (\w{3} +\d+ \d\d:\d\d:\d\d)(?:\.\d+)?( \d{4}) GMT$", shown, re.MULTILINE)
    if stamp and all(map(is_der, files)) and all(
            run_openssl(openssl, "-verify", "-in", tsr, *by, "-CAfile", anchors) is not None
            for by in (("-digest", imprint), ("-queryfile", tsq))):
        time = datetime.datetime.strptime(stamp[1] + stamp[2] + "Z", "%b %d %H:%M:%S %Y%z")
        return [{"size": size, "authority": None, "time": int(time.timestamp()), "holds": True}]
    walk.report.general(checkpoint_path(size, "tsr"), "unverifiable", "it does not hold for this checkpoint")
    return [{"size": size, "authority": None, "time": None, "holds": False}]


def is_der(data):
    """Whether these bytes are one SEQUENCE of DER with nothing behind it, which openssl does not ask."""
    more = max(0, data[1] - 128) if len(data) > 1 else 0
    return data[:1] == b"0" and len(data) == 2 + more + int.from_bytes(data[2:2 + more] or data[1:2], "big")


def run_openssl(openssl, *arguments):
    """What `openssl ts` prints, or None when it says no."""
    try:
        done = subprocess.run([openssl, "ts", *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


# ---------------------------------------------------------------------------------------------- 12  report and main

def check_bag_info(walk, info, origin, root, oxum):
    """A5 and A9, as far as the rest is known."""
    genesis, places = walk.genesis, [place for place, _ in walk.report.findings]
    whole = not any(place in (MANIFEST, "data") or place.startswith("data/") for place in places)
    wanted = {"Payload-Oxum": oxum if whole else None, "Mohur-Entries": str(walk.tree.size),
              "Mohur-Root": root and root.hex(), "External-Identifier": genesis["source"] if genesis else origin,
              "Internal-Sender-Identifier": genesis and str(uuid.UUID(bytes=genesis["id"]))}
    for label, value in wanted.items():
        if value is not None and info.get(label, value) != value:
            walk.report.general("bag-info.txt", "altered", f"{label} does not agree with the rest")


def settle_base(walk, root, agreeing):
    """The verdict of the entries of which nothing else is said, and from which entry on it holds. When nothing leads to
    the signed root it is another history, if all files agree with each other; else it cannot be told."""
    if walk.tree.side is not None:
        return "intact", 0
    if root is not None and not walk.tree.disagree:
        walk.report.general("checkpoint", "forked", "entries and tiles agree, and not with the root of the checkpoint")
        return "forked", agreeing
    walk.report.general("checkpoint", "unverifiable", "nothing in the archive leads to the root of the checkpoint")
    return "unverifiable", 0


def count_verdicts(walk, base, start):
    """How many entries and records have each verdict, and the records that are not intact."""
    found, records, verdicts = walk.report.entries, Counter(), []
    entries = Counter(worst((verdict, base)) if index >= start else verdict for index, verdict in found.items())
    entries["intact"] += start - sum(index < start for index in found)
    entries["missing"] += walk.lost
    entries[base] += walk.tree.size - entries.total()
    for name, head in sorted(walk.streams.items(), key=lambda stream: stream[0].encode()):
        findings = sorted(walk.report.records.get(name, []), key=lambda finding: finding["index"])
        verdict = worst([finding["verdict"] for finding in findings] + [base if head.index >= start else "intact"])
        records[verdict] += 1
        if verdict != "intact":
            verdicts.append({"record": name, "verdict": verdict, "entries": head.count, "findings": findings})
    in_order = [{verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]} for counts in (entries, records)]
    return *in_order, verdicts


def find_doubts(keyring):
    """What keys signed from when on they are said to have been compromised."""
    doubts = []
    for identity, key in keyring.keys.items():
        event, since = key.compromised or (None, TIME_HIGH)
        doubtful = [index for index, recorded in zip(key.signed[::2], key.signed[1::2]) if event and recorded >= since]
        if doubtful:
            doubts.append({"key": identity.hex(), "event": event, "since": since, "first": min(doubtful),
                           "entries": len(doubtful)})
    return sorted(doubts, key=lambda doubt: doubt["first"])


def verify(archive, policy, anchors=None, openssl=None, known=None):
    """The whole of it: a report as a dictionary that can be written as JSON."""
    report, begun = Report(), datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds")[:26] + "Z"
    info = check_tag_files(archive, report)
    checkpoints, in_order = find_checkpoints(archive, report)
    require(checkpoints, f"{archive} is no archive: there is no checkpoint in it")
    size = max(checkpoints)
    oxum, contents = check_files(archive, report, checkpoints, in_order)
    tree = Tree(archive, size, check_folders(archive, report, size, checkpoints, contents))
    origin, root, trusted, cosigners, log_key = read_newest(archive, report, size, policy)
    choose_side(tree, root)
    walk = Walk(report, tree, contents=contents or {}, lists_contents=in_order)
    check_entries(walk, {*checkpoints, *(known or {})})
    check_history(walk)
    judge_removals(walk)
    if walk.genesis and origin not in (None, walk.genesis["source"]):
        report.general(checkpoint_path(size), "altered", "its origin is not that of entry 0")
    agreeing = [at for at in checkpoints if at < size and check_earlier(walk, policy, at, origin)]
    check_known(walk, known or {})
    base, start = settle_base(walk, root, max(agreeing, default=0))
    keys, in_force = log_keys(walk, size)
    if log_key and keys and log_key["public"] not in [key.public for key in in_force]:
        report.general("checkpoint", "unverifiable", "its key is no log key in force by the ledger's own events")
    stamped, timestamps = [at for at, stamped in checkpoints.items() if stamped], []
    for at in stamped if anchors and openssl else ():
        timestamps += check_timestamp(walk, at, policy, anchors, openssl)
    report.skip("whether entries followed that are not here, behind what is known: an older state is sound too")
    if stamped and not (anchors and openssl):
        report.skip("timestamps: " + ("openssl is not installed" if anchors else "no --anchors were given"))
    check_bag_info(walk, info, origin, root, oxum)
    entries, records, verdicts = count_verdicts(walk, base, start)
    verdict = worst([*entries, *records, *(verdict for _, verdict in report.findings)])
    return {"verdict": verdict, "sound": trusted and verdict in VERDICTS[:3], "subject": archive, "kind": "archive",
            "origin": origin, "size": size, "root": root.hex() if root else None, "trusted": trusted,
            "logKey": log_key and log_key["vkey"], "policy": policy["digest"].hex(), "begun": begun,
            "cosigners": cosigners, "timestamps": timestamps, "doubts": find_doubts(walk.keyring), "entries": entries,
            "records": records, "findings": [{"place": place, "verdict": verdict, "reason": reason}
                                             for (place, verdict), reason in report.findings.items()],
            "verdicts": verdicts, "checked": [{"what": what, "count": n} for what, n in report.checked.items()],
            "notChecked": list(report.not_checked)}


def printable(text):
    return "".join(c if c.isprintable() and not 0xD800 <= ord(c) < 0xE000 else f"\\u{{{ord(c):x}}}" for c in text)


def print_report(report):
    def time(seconds):
        return "does not hold" if seconds is None else time_text(1_000_000 * seconds)

    lines = ["{subject}: {state}: {verdict}".format(state="sound" if report["sound"] else "NOT SOUND", **report),
             "origin {origin}, {size} entries, root {root}".format(**report),
             f"checkpoint {'trusted' if report['trusted'] else 'NOT trusted'} under the policy {report['policy']}",
             f"signed by {report['logKey']}", f"judged at {report['begun']}"]
    lines += [f"  cosigned by {by['name']} at {time(by['time'])}" for by in report["cosigners"]]
    lines += [f"  timestamp of {stamp['size']} entries: {time(stamp['time'])}" for stamp in report["timestamps"]]
    lines += [f"{what}: " + ", ".join(f"{count} {verdict}" for verdict, count in report[what].items())
              for what in ("entries", "records")]
    lines += [f"in doubt: {doubt['entries']} entries from {doubt['first']} on, signed with key {doubt['key']}, which "
              f"event {doubt['event']} doubts since {time_text(doubt['since'])}" for doubt in report["doubts"]]
    lines += ["{verdict}: {place}: {reason}".format(**finding) for finding in report["findings"]]
    for record in report["verdicts"]:
        lines.append("{verdict}: record {record} ({entries} entries)".format(**record))
        lines += ["  {verdict}: entry {index}: {reason}".format(**finding) for finding in record["findings"]]
    lines += ["checked: {count} {what}".format(**item) for item in report["checked"]]
    lines += [f"not checked: {text}" for text in report["notChecked"]]
    print("\n".join(map(printable, lines)))


def main():
    parser = argparse.ArgumentParser(prog="verify.py", description="Verify an archive of a Mohur ledger.",
                                     allow_abbrev=False)
    parser.add_argument("archive", metavar="ARCHIVE")
    parser.add_argument("--policy", required=True, metavar="POLICY",
                        help="whom to believe: a file as of C2SP tlog-policy")
    parser.add_argument("--anchors", metavar="PEM", help="certificates of time-stamping authorities")
    parser.add_argument("--known", metavar="SIZE:ROOT", action="append", default=[],
                        help="the ledger once had SIZE entries and this root; may be repeated")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def usage(message):
        print(f"verify.py: {message}", file=sys.stderr)
        sys.exit(64)

    parser.error = usage
    options = parser.parse_args()
    if not all(re.fullmatch("0*[1-9][0-9]{0,18}:[0-9a-f]{64}", text) for text in options.known):
        usage("--known takes SIZE:ROOT, with 64 hexadecimal digits")
    known = {int(text[:-65]): bytes.fromhex(text[-64:]) for text in options.known}
    try:
        with open(options.policy, "rb") as file:
            policy = parse_policy(file.read(POLICY_LIMIT + 1))
        if options.anchors:
            with open(options.anchors, "rb") as file:
                if b"CERTIFICATE-----" not in file.read(1 << 20):
                    raise Fault(f"{options.anchors} has no certificate in it (PEM)")
        if sys.stdout is None:
            raise OSError(errno.EBADF, "standard output is closed")
        report = verify(options.archive, policy, options.anchors, shutil.which("openssl"), known)
        print(json.dumps(report)) if options.json else print_report(report)
        sys.stdout.flush()
    except BrokenPipeError:                                   # whoever reads has gone away
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, Fault, MemoryError) as problem:
        print(printable(f"verify.py: {problem}"), file=sys.stderr)
        sys.exit(2)
    sys.exit(0 if report["sound"] else 1)


if __name__ == "__main__":
    main()
