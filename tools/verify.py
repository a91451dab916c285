#!/usr/bin/python3
"""Verify an archive of a Mohur ledger: a second verifier, from the documents alone.

    verify.py ARCHIVE --policy POLICY [--anchors PEM] [--json]

It shares no code with Mohur. What it knows stands in docs/archive.md (the folder: rules A1-A12), docs/format.md (an entry: F1-F6;
keys and signatures: K1-K9), and C2SP's signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles and tlog-policy. It needs Python
3.11 and the package `cryptography`, for Ed25519 and ECDSA; `openssl` when timestamps are to be checked.

How to read it: from the top down. Each part uses only the parts above it.

     1  limits and verdicts     what is refused before memory is taken for it; how bad each verdict is
     2  findings                where everything that is found goes
     3  files                   opening a file without following a link
     4  CBOR and entries        bytes to an entry, F1-F6
     5  the tree                RFC 6962
     6  notes and policies      who signed a checkpoint, and whether that is enough
     7  keys                    the keyring, and the events that change it, K5-K9
     8  signed appends          K1-K4, and what must be signed
     9  the bag                 tag files, manifest, folders, A1-A5
    10  the way to the root     which hashes lead to the signed root: the recorded ones
    11  entries, one by one     A6-A11
    12  timestamps
    13  report and main

The idea: the policy says whom to believe about a checkpoint; a checkpoint states a root; the root fixes the hash of each entry; an
entry fixes the digest of its payload. So each entry can be judged against its recorded hash, whatever else was changed. Three files
give hashes (the entries themselves, the tiles of level 0, those of level 1), and so does the chain, in which each entry names the one
before it: some of them must lead to the root, and the others are wrong where they differ. Memory: one bundle at a time, and a few
hundred bytes for each record, for each event id and for each entry that is not intact.

Exit code: 0 sound, 1 not sound, 2 could not run, 64 usage.
"""

import argparse
import base64
import datetime
import errno
import functools
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections import Counter, deque

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes as digests
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

# ------------------------------------------------------------------------------------------------ 1  limits and verdicts

WIDTH = 256                                  # hashes in a full tile, entries in a full bundle
ENTRY_LIMIT = 65_535
ENVELOPE_LIMIT = 1_052_672
REMOVED = 0xFFFF_FFFF                        # the length that stands for a payload that was removed
CHECKPOINT_LIMIT = 1 << 20
CHECKPOINTS_LIMIT = 1_000_000
TAG_LIMIT, OTHER_TAG_LIMIT = 65_536, 16 << 20
LINE_LIMIT = 1_024                           # a line of a manifest
SIZE_LIMIT = 1 << 63
APPEND_LIMIT = 10_000                        # entries in one signed append
APPEND_PAYLOADS_LIMIT = 64 << 20             # bytes of payloads in one append
POLICY_LIMIT, POLICY_NAMES_LIMIT = 4 << 20, 1_024        # bytes; logs, witnesses, groups of each
MISSING_LIMIT = 4_096                        # bundles of which each is looked at, even if nothing of it is there
TIME_LOW, TIME_HIGH = -62_135_596_800_000_000, 253_402_300_799_999_999

VERDICTS = ("intact", "intact, payload erased", "removed under schedule",       # these three are sound
            "unsigned", "unverifiable", "missing", "reordered", "altered", "forked")
RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAG_FILES = ("README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt")
INFO_LABELS = ("Bagging-Date", "Payload-Oxum", "External-Identifier", "Internal-Sender-Identifier", "External-Description",
               "Bag-Software-Agent", "Mohur-Archive-Version", "Mohur-Entries", "Mohur-Root")

ED25519_PRIME = (1 << 255) - 19
SMALL_ORDER = {0, 1, ED25519_PRIME - 1,
               int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
               int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")}

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
ORIGIN = re.compile(rf"{LABEL}(?:\.{LABEL})*(?:/(?!\.\.?(?:/|\Z))[a-z0-9._~-]+)*")
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:[0-5]\d)", re.ASCII)


class Fault(Exception):
    """Something that was read is not as it must be. Its first argument is the reason, its second the verdict on what was read."""

    def __init__(self, reason, verdict="altered"):
        super().__init__(reason)
        self.reason, self.verdict = reason, verdict


def worse(one, other):
    return one if RANK[one] >= RANK[other] else other


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def time_text(microseconds):
    """A time as docs/format.md writes it; one behind the year 9999, which only a cosigner can state, as its number."""
    if not TIME_LOW <= microseconds <= TIME_HIGH:
        return str(microseconds)
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=microseconds)).isoformat(timespec="microseconds") + "Z"


def check_ed25519(public):
    """What docs/format.md takes for an Ed25519 key: y below the prime, and not of small order."""
    y = int.from_bytes(public, "little") & ((1 << 255) - 1)
    if len(public) != 32 or y >= ED25519_PRIME or y in SMALL_ORDER:
        raise Fault("no Ed25519 key, or one of small order")


def unbase64(text, reason):
    """Base64 of RFC 4648 §4 with its padding, and only the one spelling that a writer would choose."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Fault(reason) from None
    if base64.b64encode(data).decode() != text:
        raise Fault(reason)
    return data


# -------------------------------------------------------------------------------------------------------- 2  findings
#
# A report is a dictionary. `entries` has the worst verdict of each entry that is not intact; `records` the findings of each stream.

def new_report():
    return {"findings": {}, "entries": {}, "records": {}, "checked": Counter(), "notChecked": [], "disagree": False}


def add_general(report, place, verdict, reason):
    report["findings"].setdefault((place, verdict), reason)


def add_to_record(report, record, index, verdict, reason):
    """A finding about entry `index` of a stream."""
    report["entries"][index] = worse(report["entries"].get(index, "intact"), verdict)
    found = report["records"].setdefault(record, {"verdict": "intact", "findings": []})
    found["verdict"] = worse(found["verdict"], verdict)
    found["findings"].append({"index": index, "verdict": verdict, "reason": reason})


def add_not_checked(report, text):
    if text not in report["notChecked"]:
        report["notChecked"].append(text)


# ----------------------------------------------------------------------------------------------------------- 3  files

def open_file(archive, path):
    """Open a regular file below the archive. No symbolic link is followed, in no part of the path."""
    folder = os.open(archive, os.O_RDONLY | os.O_DIRECTORY)
    try:
        *above, name = path.split("/")
        for part in above:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = below
        number = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG):
            raise Fault("not there", "missing") from None
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
            raise Fault("not a regular file in a folder") from None
        raise
    except ValueError:
        raise Fault("no path", "missing") from None
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise Fault("not a regular file")
    return os.fdopen(number, "rb")


def read_file(archive, path, limit):
    with open_file(archive, path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Fault(f"longer than {limit} bytes")
    return data


def read_or_none(archive, report, path, limit):
    """The bytes of a file, or None and a finding at that file."""
    try:
        return read_file(archive, path, limit)
    except Fault as fault:
        add_general(report, path, fault.verdict, fault.reason)
        return None


# ------------------------------------------------------------------------------------------------- 4  CBOR and entries

UINT, INT, BYTES, TEXT, ARRAY, MAP = "uint", "int", "bytes", "text", "array", "map"
MAJOR = {UINT: 0, BYTES: 2, TEXT: 3, ARRAY: 4, MAP: 5}
SHORTEST = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}        # bytes of a long head: the least value that needs them
U64 = (1 << 64) - 1
ID, HASH, ANY = (BYTES, 16, 16), (BYTES, 32, 32), (UINT, 0, U64)
FIELDS = (                                                   # by key: name, kind, and the range of its value or length
    ("version", UINT, 1, 1), ("index", *ANY), ("previous", *HASH), ("recorded", UINT, 0, TIME_HIGH),
    ("stream", TEXT, 1, 255), ("revision", *ANY), ("streamPrevious", *HASH), ("id", *ID), ("type", TEXT, 1, 255),
    ("source", TEXT, 1, 2_048), ("occurred", INT, TIME_LOW, TIME_HIGH), ("payload", ARRAY, 4, 4), ("schema", TEXT, 1, 2_048),
    ("correlation", *ID), ("causation", *ID), ("append", ARRAY, 3, 3))
ITEMS = {"payload": ((UINT, 1, 2), HASH, ANY, (TEXT, 1, 255)),           # form, digest, size, mediaType
         "append": ((UINT, 1, U64), (BYTES, 1, 64), (BYTES, 1, 8_192))}  # count, keyID, signature
ALWAYS = {"version", "index", "previous", "recorded", "stream", "revision", "id", "type", "source", "occurred"}


def decode_item(data, at, kind, low, high):
    """One CBOR item of a kind whose value or length lies in a range, and where it ends. Of arrays and maps: the head."""
    if at >= len(data):
        raise Fault("the entry ends within an item")
    major, value = data[at] >> 5, data[at] & 31
    at += 1
    if value >= 24:
        if value > 27:
            raise Fault("a length that is not definite, or no head at all")
        width = 1 << (value - 24)
        value = int.from_bytes(data[at:at + width], "big")
        at += width
        if at > len(data) or value < SHORTEST[width]:
            raise Fault("a head that is cut off or not the shortest")
    if kind == INT and major == 1:
        major, value = 0, -1 - value
    if major != MAJOR.get(kind, 0):
        raise Fault(f"an item that is not of the kind {kind}")
    if not low <= value <= high:
        raise Fault("a value or length out of range")
    if kind not in (BYTES, TEXT):
        return value, at
    end = at + value
    if end > len(data):
        raise Fault("the entry ends within a string")
    if kind == BYTES:
        return data[at:end], end
    return text_value(data[at:end]), end


def text_value(data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("a text that is not UTF-8") from None
    if CONTROL.search(text):
        raise Fault("a control character in a text")
    return text


def decode_entry(data):
    """An entry as a dictionary by the names of docs/format.md, with all rules that hold for it alone (F1-F6)."""
    if len(data) > ENTRY_LIMIT:
        raise Fault("longer than an entry may be")
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
    if at != len(data):
        raise Fault("bytes behind the entry")
    if not ALWAYS <= entry.keys():
        raise Fault("a key that must be there is not")
    if ("streamPrevious" in entry) != (entry["revision"] != 0):
        raise Fault("streamPrevious must be there exactly when the revision is not 0")
    if (entry["previous"] == bytes(32)) != (entry["index"] == 0):
        raise Fault("previous must be zero exactly at index 0")
    signed = [key for key in starts if key == 4 or 7 <= key <= 14]       # what a source signs: its pairs, as they stand
    entry["signedMap"] = (bytes([0xA0 + len(signed)]) + data[starts[4]:starts[5]] + data[starts[7]:starts.get(15, len(data))])
    return entry


def decode_or_none(data):
    try:
        return decode_entry(data)
    except Fault:
        return None


def split_bundle(data, count):
    """The entries of a bundle, and what is wrong with it. Reads on behind the last that should be there, to find moved ones."""
    entries, at = [], 0
    while at < len(data) and len(entries) < 2 * WIDTH:
        end = at + 2 + int.from_bytes(data[at:at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            return entries, "it ends within an entry"
        entries.append(data[at + 2:end])
        at = end
    if len(entries) != count:
        return entries, f"it has not {count} entries"
    return entries, None


# ---------------------------------------------------------------------------------------------------------- 5  the tree

def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(row):
    """The root over a row of at least one hash (RFC 6962 §2.1): pair by pair; one without a partner goes up as it is."""
    while len(row) > 1:
        above = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = above if len(row) % 2 == 0 else above + [row[-1]]
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
    groups = f"{number:03d}"
    groups = groups.zfill(-(-len(groups) // 3) * 3)
    groups = [groups[i:i + 3] for i in range(0, len(groups), 3)]
    partial = "" if width == WIDTH else f".p/{width}"
    return f"data/{kind}/" + "/".join(["x" + group for group in groups[:-1]] + groups[-1:]) + partial


def hashes_at(size, level):
    return size >> (8 * level)


def width_at(size, level, number):
    """How many hashes tile `number` of a level has in a tree of `size` entries. Bundles are as the tiles of level 0."""
    return max(0, min(WIDTH, hashes_at(size, level) - WIDTH * number))


# ----------------------------------------------------------------------------------------------- 6  notes and policies

LOG_TYPES, WITNESS_TYPES = [b"\x01", b"\x02", b"\x05", b"\x06"], [b"\x04", b"\x06"]


def parse_note(data):
    """A signed note's text, and its signatures as (name, key id, signature, line)."""
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("the note is not UTF-8") from None
    if re.search("[\x00-\x09\x0b-\x1f]", note) or not note.endswith("\n"):
        raise Fault("the note has control characters, or its last line has no end")
    text, empty, lines = note.rpartition("\n\n")
    if not empty or not lines:
        raise Fault("the note has no signature lines")
    signatures = []
    for line in lines[:-1].split("\n"):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not valid_name(parts[1]):
            raise Fault("a signature line of the note is malformed")
        blob = unbase64(parts[2], "a signature of the note is not Base64")
        if len(blob) < 5:
            raise Fault("a signature of the note is too short")
        signatures.append((parts[1], blob[:4], blob[4:], line + "\n"))
    return text + "\n", signatures


def valid_name(name):
    return name != "" and "+" not in name and not any(character.isspace() for character in name)


def parse_checkpoint(text):
    """Origin, size and root of a checkpoint of exactly three lines."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[0] == "" or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]) or int(lines[1]) > SIZE_LIMIT:
        raise Fault("the note is not a checkpoint of three lines")
    root = unbase64(lines[2], "the checkpoint's root is not Base64")
    if len(root) != 32:
        raise Fault("the checkpoint's root has not 32 bytes")
    return lines[0], int(lines[1]), root


def parse_vkey(text, types):
    """A verifier key `name+id+base64` (C2SP signed-note) of one of the types. Only 01 and 04 can verify here: the others are kept."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not valid_name(parts[0]) or not re.fullmatch("[0-9a-f]{8}", parts[1]):
        raise Fault("a key is not name+id+base64")
    blob = unbase64(parts[2], "a key is not Base64")
    kind, public = blob[:1], blob[1:]
    if kind not in types or (kind == b"\x06" and len(public) != 1_312) or not public:
        raise Fault("a key is of a type that cannot stand there, or has not its length")
    if kind in (b"\x01", b"\x04"):
        check_ed25519(public)
    name = parts[0].encode("utf-8", "surrogateescape")
    wanted = {b"\x02": sha256(public), b"\x05": sha256(name, b"\n\x05", sha256(public))}.get(kind, sha256(name, b"\n", blob))[:4]
    if wanted.hex() != parts[1]:
        raise Fault("the id of a key is not that of its name and bytes")
    return {"name": parts[0], "id": wanted, "type": kind, "public": public}


def note_signature_holds(key, signature, text):
    """Whether a signature line's bytes are one of this key over the note's text."""
    message = text.encode()
    if key["type"] == b"\x04":                                # a cosignature: 8 bytes of time before the signature
        message = f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n".encode() + message
        signature = signature[8:] if 0 < int.from_bytes(signature[:8], "big") < SIZE_LIMIT else b""
    elif key["type"] != b"\x01":
        return False
    return signature_holds(1, key["public"], signature, message)


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


def parse_policy(data):
    """A policy (C2SP tlog-policy): logs, witnesses by name, groups in their order as (name, least number, members), quorum."""
    if len(data) > POLICY_LIMIT or not data.endswith(b"\n") or re.search(rb"[^\x09\x0a\x20-\x7e\x80-\xff]", data):
        raise Fault("the policy is too long or has control characters")
    logs, witnesses, groups, quorum, members_so_far = [], {}, [], None, set()
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        words = re.split("[ \t]+", line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        names = set(witnesses) | {group[0] for group in groups} | {"none"}
        if words[-1].startswith("#") and words[0] in ("log", "witness"):
            raise Fault("a URL in the policy begins with #")
        if words[0] == "log" and len(words) in (2, 3):
            logs.append(parse_vkey(words[1], LOG_TYPES))
        elif words[0] == "witness" and len(words) in (3, 4) and words[1] not in names:
            witnesses[words[1]] = parse_vkey(words[2], WITNESS_TYPES)
        elif words[0] == "group" and len(words) >= 4 and words[1] not in names:
            members = words[3:]
            least = {"any": "1", "all": str(len(members))}.get(words[2], words[2])
            if not re.fullmatch("[1-9][0-9]{0,8}", least) or int(least) > len(members):
                raise Fault("a group of the policy asks for more members than it has, or for none")
            if len(set(members)) != len(members) or members_so_far & set(members) or not set(members) <= names - {"none"}:
                raise Fault("a member of a group is not defined before, or stands twice")
            members_so_far |= set(members)
            groups.append((words[1], int(least), members))
        elif words[0] == "quorum" and len(words) == 2 and quorum is None and words[1] in names:
            quorum = words[1]
        else:
            raise Fault(f"a line of the policy is not understood: {line[:80]!r}")
    keys = [logs, list(witnesses.values())]
    if any(len({key["public"] for key in some}) != len(some) for some in keys) \
            or len({(key["name"], key["id"]) for key in sum(keys, [])}) != len(sum(keys, [])):
        raise Fault("one key, or one name and id, stands twice in the policy")
    if max(len(logs), len(witnesses), len(groups)) > POLICY_NAMES_LIMIT:
        raise Fault("the policy has too many lines")
    if quorum is None:
        raise Fault("the policy has no quorum line")
    return {"logs": logs, "witnesses": witnesses, "groups": groups, "quorum": quorum}


def known_signers(text, signatures, policy):
    """The keys of the policy that signed a note, as (witness or None for a log, key, signature). It is a fault when the signature of
    a known key is wrong."""
    known, signers = [(None, key) for key in policy["logs"]] + list(policy["witnesses"].items()), []
    for name, key_id, signature, _ in signatures:
        candidates = [(witness, key) for witness, key in known if (key["name"], key["id"]) == (name, key_id)]
        right = [(witness, key, signature) for witness, key in candidates if note_signature_holds(key, signature, text)]
        if candidates and not right:
            raise Fault(f"the signature of {name} is wrong")
        signers += right
    return signers


def check_quorum(signers, origin, policy):
    """The log's key, the cosigners with their times, and whether both together are enough for the policy."""
    log_keys = [key for witness, key, _ in signers if witness is None and key["name"] == origin and key["type"] == b"\x01"]
    cosigned = {}
    for witness, key, signature in signers:
        if witness and key["type"] == b"\x04":
            cosigned[witness] = min(int.from_bytes(signature[:8], "big"), cosigned.get(witness, SIZE_LIMIT))
    holds = set(cosigned) | {"none"}
    for name, least, members in policy["groups"]:
        if len(holds.intersection(members)) >= least:
            holds.add(name)
    cosigners = [{"name": name, "time": cosigned[name]} for name in policy["witnesses"] if name in cosigned]
    return log_keys[0] if log_keys else None, cosigners, policy["quorum"] in holds


# -------------------------------------------------------------------------------------------------------------- 7  keys

ALGORITHMS = {"ed25519": (1, 32), "ecdsa-p256": (2, 65)}
MEMBERS = {                                                  # members that must be there, and those that may be
    "key.introduced": ({"role", "algorithm", "key"}, {"source"}),
    "key.rotated": ({"old", "algorithm", "key"}, set()),
    "key.revoked": ({"key", "reason"}, {"compromisedSince"}),
    "source.registered": ({"source", "keys"}, {"name"}),
    "witness.registered": ({"vkey"}, {"url"}),
    "policy.adopted": ({"unsigned", "sources", "types"}, {"witnesses"}),
    "payload.removed": ({"entries", "authority"}, {"schedule"})}


def parse_object(payload):
    """A JSON object (RFC 8259) in which no member stands twice."""
    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError
        return dict(pairs)

    def refuse(_):
        raise ValueError

    try:
        value = json.loads(payload.decode("utf-8"), object_pairs_hook=members, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise Fault("the payload is not JSON") from None
    if type(value) is not dict:
        raise Fault("the payload is not a JSON object")
    return value


def member_text(value, high, pattern=None, lines=False):
    try:
        data = value.encode() if type(value) is str else b""
    except UnicodeEncodeError:
        data = b""
    if not 1 <= len(data) <= high or (not lines and CONTROL.search(value)) or (pattern and not re.fullmatch(pattern, value)):
        raise Fault("a member of the payload is not as it must be")
    return value


def member_key(value):
    """The key in an object with the members `algorithm` and `key`, as (algorithm, public bytes, id)."""
    number, length = ALGORITHMS.get(member_text(value.get("algorithm"), 64), (0, 0))
    public = unbase64(member_text(value.get("key"), 1_024), "a key is not Base64")
    if number == 0 or len(public) != length:
        raise Fault("a key is of no known algorithm, or has not its length")
    if number == 1:
        check_ed25519(public)
    else:
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        except ValueError:
            raise Fault("a key is no point of P-256") from None
        if public[0] != 4:
            raise Fault("a key is not an uncompressed point")
    return number, public, key_id(number, public)


def member_keys(value):
    if type(value) is not list or not all(type(item) is dict and item.keys() == {"algorithm", "key"} for item in value):
        raise Fault("the member keys is not an array of keys")
    return [member_key(item) for item in value]


def check_time(text):
    """Refuses what is not a time of docs/format.md. A second 60 is the moment one second after second 59."""
    try:
        if not TIME.fullmatch(text):
            raise ValueError
        time = datetime.datetime.fromisoformat(text[:17].upper() + text[17:].upper().replace("60", "59", text[17:19] == "60"))
        time.astimezone(datetime.timezone.utc) + datetime.timedelta(seconds=text[17:19] == "60")
    except (ValueError, OverflowError):
        raise Fault("a time is malformed or out of range") from None


def key_id(number, public):
    return sha256(b"mohur/key/v1", bytes([number]), public)


def new_keyring():
    """`keys` by id; how many of a role and source are in force; the policy. `unknown` says why the rest is not known, if it is not."""
    return {"keys": {}, "inForce": Counter(), "registered": set(), "policy": None, "removals": {}, "unknown": None, "identity": None, "origin": None}


def introduce(keyring, keys, role, source, index):
    """K6: keys never seen before, and each of them once."""
    ids = [identity for _, _, identity in keys]
    if len(set(ids)) != len(ids) or any(identity in keyring["keys"] for identity in ids):
        raise Fault("a key was introduced before")
    if role == "log" and any(number != 1 for number, _, _ in keys):
        raise Fault("a log key must be of Ed25519")
    for number, public, identity in keys:
        keyring["keys"][identity] = {"role": role, "source": source, "algorithm": number, "public": public,
                                     "since": index, "ended": None}
        keyring["inForce"][role, source] += 1


def end_key(keyring, key, index):
    key["ended"] = index
    keyring["inForce"][key["role"], key["source"]] -= 1


def key_in_force(keyring, identity, index):
    """The key of this id if it is in force for entry `index`: introduced before it, and not ended before it."""
    key = keyring["keys"].get(identity)
    return key if key and key["since"] < index and (key["ended"] is None or key["ended"] >= index) else None


def existing_key(keyring, text):
    key = keyring["keys"].get(bytes.fromhex(member_text(text, 64, "[0-9a-f]{64}")))
    if key is None or key["ended"] is not None:
        raise Fault("it ends a key that is not in force")
    return key


def parse_trust_event(kind, payload):
    """The members of an event of the stream `ledger`, all of them checked for themselves."""
    if kind not in MEMBERS:
        raise Fault(f"an event of the type {kind} in the stream ledger")
    event = parse_object(payload)
    must, may = MEMBERS[kind]
    if not must <= event.keys() <= must | may:
        raise Fault("members are missing, or there are others than those described")
    for name, high in (("source", 2_048), ("name", 255), ("url", 2_048), ("reason", 1_024), ("authority", 1_024), ("schedule", 1_024)):
        if name in event:
            member_text(event[name], high)
    if kind in ("key.introduced", "key.rotated"):
        event["keys"] = [member_key(event)]
    if kind == "key.introduced":
        member_text(event["role"], 9, "authority|source|log")
        if (event["role"] == "source") != ("source" in event):
            raise Fault("a source must be named for the role source, and for no other")
    if kind == "source.registered":
        event["keys"] = member_keys(event["keys"])
    if "compromisedSince" in event:
        check_time(member_text(event["compromisedSince"], 64))
    if kind == "witness.registered":
        witness = parse_vkey(member_text(event["vkey"], 2_048), [b"\x04"])
        event["keys"] = [(1, witness["public"], key_id(1, witness["public"]))]
    if kind == "payload.removed":
        entries = event["entries"]
        if type(entries) is not list or not 1 <= len(entries) <= 10_000 or not all(type(index) is int and 0 <= index < 1 << 63 for index in entries) \
                or any(one >= other for one, other in zip(entries, entries[1:])):
            raise Fault("the entries of a removal are not ascending indexes")
    if kind == "policy.adopted":
        member_text(event["unsigned"], 7, "allowed|refused")
        for name, high, pattern in (("sources", 2_048, None), ("types", 255, r"[^*]+(\.\*)?")):
            if type(event[name]) is not dict:
                raise Fault("the rules of a policy are not an object")
            for rule, value in event[name].items():
                member_text(rule, high, pattern)
                member_text(value, 8, "signed|unsigned")
        if "witnesses" in event:
            parse_policy(member_text(event["witnesses"], POLICY_LIMIT, lines=True).encode())
    return event


def apply_trust_event(keyring, kind, event, index):
    """K6 to K9. Raises before anything is changed."""
    if kind == "key.introduced":
        introduce(keyring, event["keys"], event["role"], event.get("source"), index)
    elif kind == "key.rotated":
        old = existing_key(keyring, event["old"])
        if old["role"] == "witness":
            raise Fault("a witness's key is not rotated")
        introduce(keyring, event["keys"], old["role"], old["source"], index)
        end_key(keyring, old, index)
    elif kind == "key.revoked":
        key = existing_key(keyring, event["key"])
        if key["role"] == "authority" and keyring["inForce"]["authority", None] == 1:
            raise Fault("the last authority key is not revoked")
        end_key(keyring, key, index)
    elif kind == "source.registered":
        if event["source"] in keyring["registered"]:
            raise Fault("the source was registered before")
        introduce(keyring, event["keys"], "source", event["source"], index)
        keyring["registered"].add(event["source"])
    elif kind == "witness.registered":
        introduce(keyring, event["keys"], "witness", None, index)
    elif kind == "payload.removed":
        if event["entries"][-1] >= index:
            raise Fault("it removes the payload of an entry that does not stand before it")
        for removed in event["entries"]:
            keyring["removals"].setdefault(removed, (index, "schedule" in event))
    else:
        keyring["policy"] = event


def start_keyring(keyring, entry, payload, leaf):
    """The genesis: its rules, and the authority keys that it names."""
    keyring["identity"], keyring["origin"] = leaf, entry["source"]
    wanted = {"stream": "ledger", "revision": 0, "type": "ledger.created", "occurred": entry["recorded"]}
    if any(entry[name] != value for name, value in wanted.items()) or not ORIGIN.fullmatch(entry["source"]) \
            or not len(entry["source"]) <= 255 or entry.keys() & {"schema", "correlation", "causation", "append"}:
        raise Fault("entry 0 is not a genesis")
    if payload is None:
        raise Fault("the payload of entry 0 is not of form 1 and application/json")
    event = parse_object(payload)
    same = {"origin": entry["source"], "incarnation": uuid_text(entry["id"]), "formatVersion": 1, "keys": event.get("keys")}
    if event != same or type(event["formatVersion"]) is not int:
        raise Fault("the payload of entry 0 does not repeat the entry")
    introduce(keyring, member_keys(event["keys"]), "authority", None, 0)


def uuid_text(data):
    digits = data.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# ---------------------------------------------------------------------------------------------------- 8  signed appends
#
# `pending` has the newest entries that no append has covered yet: each may still be in one that ends later. An entry that is not known
# as it was recorded is a gap: what may have been in an append with it cannot be judged.

def new_signing():
    return {"pending": deque(), "gap": None, "kept": deque(), "bytes": 0}


def must_be_signed(keyring, entry):
    """Whether an event must be in an append that is right: the rules in their order, as of this entry."""
    if entry["stream"] == "ledger":
        return True
    kind, source, policy = entry["type"], entry["source"], keyring["policy"]
    rules = policy["types"] if policy else {}
    if kind in rules:
        return rules[kind] == "signed"
    for dot in range(len(kind) - 2, -1, -1):                  # prefixes, the longest first, with something behind the dot
        if kind[dot] == "." and kind[:dot + 1] + "*" in rules:
            return rules[kind[:dot + 1] + "*"] == "signed"
    if policy and source in policy["sources"]:
        return policy["sources"][source] == "signed"
    if keyring["inForce"]["source", source] > 0:
        return True
    return policy is not None and policy["unsigned"] == "refused"


def leave_unsigned(report, item):
    if item["required"]:                                      # an event of the stream ledger breaks K5
        verdict = "altered" if item["stream"] == "ledger" else "unsigned"
        add_to_record(report, item["stream"], item["index"], verdict, "it must be signed, and is in no signed append that is right")


def sign_entry(report, keyring, signing, index, entry, payload, known):
    """Take the next entry into account: it may be covered by an append that ends later, or end one itself. `known`: its payload is
    right."""
    if keyring["unknown"]:
        return
    pending = signing["pending"]
    item = {"index": index, "stream": entry["stream"], "source": entry["source"], "digest": sha256(b"\x03", entry["signedMap"]),
            "required": must_be_signed(keyring, entry)}
    if entry["stream"] == "ledger":
        size = max(0, entry["payload"][2] - 16) if "payload" in entry else 0
        item |= {"type": entry["type"], "known": known, "payload": payload if known else None, "size": size}
        keep_payloads(signing, item)
    pending.append(item)
    if len(pending) > APPEND_LIMIT:
        leave_unsigned(report, pending.popleft())
    if "append" in entry:
        end_append(report, keyring, signing, index, *entry["append"])


def keep_payloads(signing, item):
    """Forget the oldest payloads beyond the limit: an append that covers one of them covers all behind it, and so is never right (K1)."""
    signing["kept"].append(item)
    signing["bytes"] += item["size"]
    while signing["bytes"] > APPEND_PAYLOADS_LIMIT:
        oldest = signing["kept"].popleft()
        oldest["payload"] = None
        signing["bytes"] -= oldest["size"]


def end_append(report, keyring, signing, index, count, identity, signature):
    pending, first, gap = list(signing["pending"]), index - count + 1, signing["gap"]
    reset_signing(signing)
    if count > len(pending) and gap is not None and 1 <= first <= gap and count <= APPEND_LIMIT:
        add_not_checked(report, "signatures of appends in which an entry is not as it was recorded")
        return
    covered = pending[-count:] if count <= len(pending) else pending[-1:]     # K1: the count must fit
    for item in pending[:-len(covered)]:
        leave_unsigned(report, item)
    try:
        check_append(keyring, covered, first, count, identity, signature)
    except Fault as fault:
        for item in covered:
            add_to_record(report, item["stream"], item["index"], "altered", f"the append that ends with entry {index}: {fault.reason}")
        return
    report["checked"]["signatures of appends"] += 1
    for item in covered:
        if item["stream"] == "ledger":
            learn(report, keyring, item)


def check_append(keyring, covered, first, count, identity, signature):
    """K1 to K4."""
    if count != len(covered):
        raise Fault("it counts more entries than it can cover")
    if sum(item.get("size", 0) for item in covered) > APPEND_PAYLOADS_LIMIT:
        raise Fault("its payloads are longer than those of one append may be")
    key = key_in_force(keyring, identity, first)
    if key is None:
        raise Fault("its key was not in force")
    if key["role"] == "authority":
        fits = all(item["stream"] == "ledger" for item in covered)
    else:
        fits = key["role"] == "source" and all(item["stream"] != "ledger" and item["source"] == key["source"] for item in covered)
    if not fits:
        raise Fault("its key may not sign for these streams and sources")
    message = [b"mohur/append/v1", keyring["identity"], count.to_bytes(8, "big")] + [item["digest"] for item in covered]
    if not signature_holds(key["algorithm"], key["public"], signature, b"".join(message)):
        raise Fault("its signature is wrong")


def learn(report, keyring, item):
    """An event of the stream `ledger` in an append that is right has its effect, unless it breaks a rule."""
    if keyring["unknown"]:
        return
    if not item["known"]:
        lose_keys(report, keyring, f"the payload of entry {item['index']} is not known")
        return
    try:
        if item["payload"] is None or item["source"] != keyring["origin"]:
            raise Fault("its source is not the origin, or its payload is not clear JSON")
        event = parse_trust_event(item["type"], item["payload"])
        apply_trust_event(keyring, item["type"], event, item["index"])
    except Fault as fault:
        add_to_record(report, "ledger", item["index"], "altered", f"it has no effect: {fault.reason}")


def lose_keys(report, keyring, reason):
    keyring["unknown"] = reason
    add_general(report, "signatures", "unverifiable", f"keys and policy are not known from there on: {reason}")


def reset_signing(signing):
    signing["pending"].clear()
    signing["kept"].clear()
    signing["bytes"], signing["gap"] = 0, None


def sign_gap(report, keyring, signing, index, stream):
    """An entry that is not known as it was recorded. `stream` is None when nothing says which stream it was in."""
    reset_signing(signing)
    signing["gap"] = index
    if stream in (None, "ledger") and not keyring["unknown"]:
        lose_keys(report, keyring, f"entry {index} is not as it was recorded, and may have changed them")


# ----------------------------------------------------------------------------------------------------------- 9  the bag

NUMBER = r"(?:x\d{3}/)*\d{3}"
DATA_PATH = re.compile(rf"data/(?:checkpoints/(\d{{20}})\.(checkpoint|tsq|tsr)|keys/(\d{{20}})\.json"
                       rf"|(payloads|tile/entries|tile/[0-7])/({NUMBER})(?:\.p/(\d{{1,3}}))?)", re.ASCII)
TAG_LINE = re.compile(r"([0-9a-f]{64})  ([^\r\n]+)\n")


def numbered(path):
    """The kind, number and width that the path of a tile or bundle names, or None. Whether these fit is another question."""
    parts = DATA_PATH.fullmatch(path)
    if not parts or not parts[4]:
        return None
    number, width = int(re.sub("[x/]", "", parts[5])), int(parts[6] or WIDTH)
    return (parts[4], number, width) if file_name(parts[4], number, width) == path else None


def tag_lines(archive, report, path):
    """The lines of a manifest as (digest, path); a finding and the end where it is malformed."""
    try:
        with open_file(archive, path) as file:
            while line := file.readline(LINE_LIMIT + 1):
                parts = TAG_LINE.fullmatch(line.decode("utf-8", "surrogateescape")) if len(line) <= LINE_LIMIT else None
                if parts is None:
                    raise Fault("a line is malformed or too long")
                yield parts[1], parts[2]
    except Fault as fault:
        add_general(report, path, fault.verdict, fault.reason)


def find_checkpoints(archive, report):
    """The sizes of checkpoints and what stands beside them, from the manifest or, if that names none, from the folder."""
    paths = [path for _, path in tag_lines(archive, report, "manifest-sha256.txt") if path.startswith("data/checkpoints/")]
    if not any(path.endswith(".checkpoint") for path in paths):
        folder = os.path.join(archive, "data", "checkpoints")
        paths = ["data/checkpoints/" + name for name in os.listdir(folder)] if os.path.isdir(folder) else []
    stored = {}
    for path in paths:
        parts = DATA_PATH.fullmatch(path)
        if parts and 0 < int(parts[1]) <= SIZE_LIMIT and len(stored) < CHECKPOINTS_LIMIT:
            stored.setdefault(int(parts[1]), set()).add(parts[2])
    return {size: stored[size] for size in sorted(stored) if "checkpoint" in stored[size]}


def expected_paths(size, checkpoints):
    """The paths of a manifest, in their order. There is no end of them if the size is a lie, so take only as many as there are lines."""
    def numbers(kind, level):
        for number in range(-(-hashes_at(size, level) // WIDTH)):
            yield file_name(kind, number, width_at(size, level, number))

    for at, kinds in checkpoints.items():
        yield f"data/checkpoints/{at:020d}.checkpoint"
        for kind in ("tsq", "tsr"):
            if "tsq" in kinds or "tsr" in kinds:
                yield f"data/checkpoints/{at:020d}.{kind}"
    yield f"data/keys/{size:020d}.json"
    yield from numbers("payloads", 0)
    level = 0
    while hashes_at(size, level) > 0:
        yield from numbers(f"tile/{level}", level)
        level += 1
    yield from numbers("tile/entries", 0)


def is_expected(path, size, checkpoints):
    parts = DATA_PATH.fullmatch(path)
    if parts and parts[1]:
        return parts[2] in checkpoints.get(int(parts[1]), ())
    if parts and parts[3]:
        return int(parts[3]) == size
    found = numbered(path)
    if not found:
        return False
    kind, number, width = found
    level = int(kind[5:]) if kind[5:].isdigit() else 0
    return width_at(size, level, number) == width


def limit_of(path):
    if path.startswith("data/checkpoints/"):
        return CHECKPOINT_LIMIT
    if path.startswith("data/payloads/"):
        return WIDTH * (4 + ENVELOPE_LIMIT)
    if path.startswith("data/tile/"):
        return WIDTH * (2 + ENTRY_LIMIT) if path.startswith("data/tile/entries/") else 32 * WIDTH
    return SIZE_LIMIT if path.startswith("data/") or path == "manifest-sha256.txt" else OTHER_TAG_LIMIT


def digest_of_file(archive, path):
    """The SHA-256 and the length of a file; no digest of one that is longer than such a file may be."""
    running = hashlib.sha256()
    with open_file(archive, path) as file:
        length = os.fstat(file.fileno()).st_size
        if length > limit_of(path):
            return None, length
        while chunk := file.read(1 << 20):
            running.update(chunk)
    return running.hexdigest(), length


def check_digest(archive, report, digest, path):
    """A2 and A5: the file has the SHA-256 stated. Returns its length, or None when it has not."""
    try:
        found, length = digest_of_file(archive, path)
        if found != digest:
            raise Fault("its SHA-256 is not that of the manifest")
        report["checked"]["files against the manifests"] += 1
        return length
    except Fault as fault:
        add_general(report, path, fault.verdict, fault.reason)
        return None


def check_manifest(archive, report, size, checkpoints):
    """A3 and A5. Returns the bytes and the number of the files as Payload-Oxum has them, or None if that cannot be told."""
    expected, in_order, seen, lengths, lines = expected_paths(size, checkpoints), True, set(), 0, 0
    for digest, path in tag_lines(archive, report, "manifest-sha256.txt"):
        lines += 1
        if in_order and next(expected, None) != path:
            in_order = False
            add_general(report, "manifest-sha256.txt", "altered", f"line {lines} is not the one that must stand there")
        if DATA_PATH.fullmatch(path) and path not in seen:
            length = check_digest(archive, report, digest, path)
            lengths = None if length is None or lengths is None else lengths + length
        if not in_order:                                      # from here on a path may stand twice
            seen.add(path)
    if in_order and next(expected, None) is not None and ("manifest-sha256.txt", "missing") not in report["findings"]:
        in_order = False
        add_general(report, "manifest-sha256.txt", "altered", "lines are missing at its end")
    return f"{lengths}.{lines}" if in_order and lines and lengths is not None else None


def check_folders(archive, report, size, checkpoints):
    """A4: nothing else below data/. Returns which numbers there are of the files that give hashes, by kind."""
    present = {"tile/entries": set(), "tile/0": set(), "tile/1": set()}
    folders = ["data"]
    while folders:
        folder, items = folders.pop(), 0
        try:
            if stat.S_ISLNK(os.lstat(os.path.join(archive, folder)).st_mode):
                raise NotADirectoryError
            scan = os.scandir(os.path.join(archive, folder))
        except (FileNotFoundError, NotADirectoryError):
            add_general(report, folder, "missing", "there is no such folder")
            continue
        with scan:
            for item in scan:
                items += 1
                path = f"{folder}/{item.name}"
                if item.is_dir(follow_symlinks=False):
                    folders.append(path)
                elif not item.is_file(follow_symlinks=False):
                    add_general(report, path, "altered", "not a regular file")
                elif not is_expected(path, size, checkpoints):
                    add_general(report, path, "altered", "no file of an archive of this size")
                elif (found := numbered(path)) and found[0] in present:
                    present[found[0]].add(found[1])
        if items == 0:
            add_general(report, folder, "altered", "a folder without files")
    return present


def check_tag_files(archive, report):
    """A1 and A2. Returns the labels of bag-info.txt that it has in their places."""
    if os.path.lexists(os.path.join(archive, "fetch.txt")):
        add_general(report, "fetch.txt", "altered", "an archive has no such file")
    if os.path.lexists(os.path.join(archive, "incoming", "tagmanifest-sha256.txt")):
        add_general(report, "incoming", "unverifiable", "an update was decided and is not finished")
    if (data := read_or_none(archive, report, "bagit.txt", TAG_LIMIT)) not in (None, BAGIT):
        add_general(report, "bagit.txt", "altered", "it is not the two lines")
    tag_manifest, lines = "tagmanifest-sha256.txt", []
    if (data := read_or_none(archive, report, tag_manifest, TAG_LIMIT)) is not None:
        lines = list(tag_lines(archive, report, tag_manifest))
        paths = [path for _, path in lines]
        if tuple(paths[:4]) != TAG_FILES or len(set(paths)) != len(paths):
            add_general(report, tag_manifest, "altered", "its lines are not those described")
            lines = []
    for digest, path in lines:
        name = re.sub("%(0A|0D|25)", lambda code: chr(int(code[1], 16)), path)
        parts = name.split("/")
        if re.search("%(?!0A|0D|25)", path) or {"", ".", ".."} & set(parts) or parts[0] in ("data", "incoming") \
                or re.fullmatch("tagmanifest-.*", name):
            add_general(report, tag_manifest, "altered", "it names a file that is no tag file")
        else:
            check_digest(archive, report, digest, name)
    return read_bag_info(archive, report)


def read_bag_info(archive, report):
    path = "bag-info.txt"
    data = read_or_none(archive, report, path, TAG_LIMIT)
    if data is None:
        return {}
    try:
        lines = data.decode("utf-8").split("\n")
        pairs = [line.split(": ", 1) for line in lines[:len(INFO_LABELS)]]
        if tuple(pair[0] for pair in pairs) != INFO_LABELS or any(len(pair) != 2 for pair in pairs) or lines[-1] != "":
            raise ValueError
        more = [line for line in lines[len(INFO_LABELS):-1] if not line.startswith((" ", "\t"))]
        if any(not re.match("[^:]+:", line) or line.split(":")[0].strip().lower() in map(str.lower, INFO_LABELS) for line in more):
            raise ValueError
        info = dict(pairs)
        if info["Mohur-Archive-Version"] != "1" or not re.fullmatch(r"\d{4}-\d\d-\d\d", info["Bagging-Date"], re.ASCII):
            raise ValueError
        datetime.date.fromisoformat(info["Bagging-Date"])
        return info
    except ValueError:
        add_general(report, path, "altered", "it is not as described, or of another version")
        return {}


# ----------------------------------------------------------------------------------------------- 10  the way to the root

def open_tree(archive, size, present):
    """What the functions below share. `visit` has the numbers of the bundles to look at: all, or if they are very many, since the size may
    be a lie, those of which anything is there."""
    bundles = -(-size // WIDTH)
    visit = set(range(bundles)) if bundles <= MISSING_LIMIT else present["tile/entries"] | present["tile/0"]
    for number in present["tile/1"]:
        visit.update(range(WIDTH * number, WIDTH * number + width_at(size, 1, number)))
    return {"archive": archive, "size": size, "visit": sorted(visit), "side": None, "tail": None,
            "tile": functools.lru_cache(maxsize=8)(functools.partial(read_tile, archive, size)),
            "bundle": functools.lru_cache(maxsize=4)(functools.partial(read_bundle, archive, size))}


def read_tile(archive, size, level, number):
    """The hashes of a tile, and what is wrong with it: then there are none."""
    width = width_at(size, level, number)
    try:
        data = read_file(archive, file_name(f"tile/{level}", number, width), 32 * WIDTH)
        if len(data) != 32 * width:
            raise Fault(f"it has not {width} hashes")
        return [data[i:i + 32] for i in range(0, len(data), 32)], None
    except Fault as fault:
        return None, fault


def read_bundle(archive, size, number):
    """The entries of a bundle, their leaf hashes, and what is wrong with it."""
    width = width_at(size, 0, number)
    try:
        data = read_file(archive, file_name("tile/entries", number, width), WIDTH * (2 + ENTRY_LIMIT))
        entries, problem = split_bundle(data, width)
        return entries, [leaf_hash(entry) for entry in entries], Fault(problem) if problem else None
    except Fault as fault:
        return [], [], fault


def three_roots(tree, number):
    """The root of a bundle by its entries, by its tile of level 0, and by the tile of level 1; None where one says nothing."""
    width = width_at(tree["size"], 0, number)
    leaves = tree["bundle"](number)[1][:width]
    tile = tree["tile"](0, number)[0]
    by_entries = tree_root(leaves) if len(leaves) == width else None
    by_tile = by_entries if tile == leaves else tree_root(tile) if tile else None
    above = tree["tile"](1, number // WIDTH)[0] if width == WIDTH else None
    return by_entries, by_tile, above[number % WIDTH] if above else None


def named_leaves(tree, number):
    """The leaf hashes of a bundle as the entries behind name them; None when the bundle is not whole. An altered entry is named so."""
    width, (entries, leaves, _) = width_at(tree["size"], 0, number), tree["bundle"](number)
    if len(leaves) < width:
        return None
    last = WIDTH * number + width == tree["size"]
    behind = entries[1:width] + ([] if last else tree["bundle"](number + 1)[0][:1])
    decoded = [decode_or_none(raw) for raw in behind] + [None] * (width - len(behind))
    return [entry["previous"] if entry else leaf for leaf, entry in zip(leaves, decoded)]


def named_root(tree, number):
    leaves = named_leaves(tree, number)
    return tree_root(leaves) if leaves else None


SIDES = {"entries": lambda roots: roots[0], "level 0": lambda roots: roots[1], "level 1": lambda roots: roots[2],
         "two of three": lambda roots: next((root for root in roots if root and roots.count(root) > 1), None)}


def choose_side(tree, root):
    """Find hashes that lead to the root. Sets `side` and `tail`, and `disputed`: the bundles on which the three do not agree."""
    full, rest = divmod(tree["size"], WIDTH)
    peaks, tails, tree["disputed"] = {side: [] for side in SIDES}, [None], []
    whole = len(tree["visit"]) == full + (rest > 0)
    for number in tree["visit"]:
        roots = three_roots(tree, number)
        if len(set(roots[:2] if number == full else roots)) != 1 or tree["bundle"](number)[2]:
            tree["disputed"].append(number)
        if number == full:
            tails = [tail for tail in roots[:2] if tail]
            continue
        for side, of in SIDES.items():
            if side in peaks and of(roots):
                add_peak(peaks[side], of(roots))
            else:
                peaks.pop(side, None)
    if rest and whole:
        tails.append(named_root(tree, full))
    for side in [*SIDES, "named"]:
        if side == "named" and whole and tree["side"] is None:
            roots = [named_root(tree, number) for number in range(full)]
            if None not in roots:
                peaks[side] = []
                for one in roots:
                    add_peak(peaks[side], one)
        for tail in tails:
            if whole and tree["side"] is None and side in peaks and root_of_peaks(peaks[side], tail) == root:
                tree["side"], tree["tail"] = side, tail


def bundle_root(tree, number):
    """The root of a bundle as the signed root has it, or None."""
    if tree["side"] is None:
        return None
    if width_at(tree["size"], 0, number) < WIDTH:
        return tree["tail"]
    return named_root(tree, number) if tree["side"] == "named" else SIDES[tree["side"]](three_roots(tree, number))


def recorded_hashes(tree, number):
    """The leaf hashes of a bundle as they were recorded, None for those that nothing tells. Without a way to the root: those of the tile
    of level 0, since an entry that differs from it was changed after it was written, or else those of the entries."""
    width = width_at(tree["size"], 0, number)
    leaves, tile, root = tree["bundle"](number)[1][:width], tree["tile"](0, number)[0], bundle_root(tree, number)
    if tree["side"] is None:
        return tile or leaves + [None] * (width - len(leaves))
    if len(leaves) == width and (leaves == tile or tree_root(leaves) == root) and three_roots(tree, number)[0] == root:
        return leaves
    if tile and tree_root(tile) == root:
        return tile
    named = named_leaves(tree, number)
    return named if named and tree_root(named) == root else [None] * width


def find_moved(tree):
    """The entries in bundles that are not as recorded: stream by leaf hash, to recognise those that stand at another place."""
    moved = {}
    for number in tree["disputed"]:
        entries, leaves, _ = tree["bundle"](number)
        if recorded_hashes(tree, number) != leaves:
            for entry, leaf in zip(entries, leaves):
                decoded = decode_or_none(entry)
                moved[leaf] = decoded["stream"] if decoded else None
    return moved


def check_tile(report, tree, level, number, wanted):
    """A8: a tile has the hashes that follow from what is below it. None in `wanted` is a hash that is not known."""
    path = file_name(f"tile/{level}", number, len(wanted))
    hashes, fault = tree["tile"](level, number)
    if fault:
        add_general(report, path, fault.verdict, fault.reason)
    elif any(want is not None and want != have for want, have in zip(wanted, hashes)):
        add_general(report, path, "altered", "its hashes are not those of what is below it")
    else:
        report["checked"]["tiles"] += 1
        return
    report["disagree"] = True


def check_upper_tiles(report, tree, rows, level, root):
    """Add the root of a full tile to the row of the level above, and check the tile there when it is full."""
    while len(rows) <= level:
        rows.append([0, []])
    number, row = rows[level]
    row.append(root)
    if len(row) == WIDTH:
        check_tile(report, tree, level, number, row)
        rows[level] = [number + 1, []]
        check_upper_tiles(report, tree, rows, level + 1, None if None in row else tree_root(row))


# ---------------------------------------------------------------------------------------------- 11  entries, one by one

def payload_records(archive, report, path, width):
    """Of each entry of a bundle what stands for its payload: the length stated and the envelope; None when it is not there (A6)."""
    missing = width
    try:
        with open_file(archive, path) as file:
            while missing > 0:
                head = file.read(4)
                length = int.from_bytes(head, "big")
                if len(head) < 4 or (length > ENVELOPE_LIMIT and length != REMOVED):
                    raise Fault("it ends too early, or states a length that no envelope has")
                envelope = b"" if length == REMOVED else file.read(length)
                if len(envelope) < (0 if length == REMOVED else length):
                    raise Fault("it ends within an envelope")
                missing -= 1
                yield length, envelope
            if file.read(1):
                raise Fault("bytes behind the last payload")
    except Fault as fault:
        add_general(report, path, fault.verdict, fault.reason)
    for _ in range(missing):
        yield None, None


def check_payload(entry, length, envelope):
    """A10. Returns the envelope that the entry names."""
    if "payload" not in entry:
        if length:
            raise Fault("a payload where the entry has none" if length != REMOVED else "a removed payload where the entry has none")
        return None
    form, digest, size, _ = entry["payload"]
    if length == REMOVED:
        raise Fault("the payload was removed", "removed")
    if not length:
        raise Fault("the payload is not there", "missing")
    if length != size or sha256(b"\x02", envelope) != digest or (form == 1 and length < 16):
        raise Fault("the payload is not the one that the entry names")
    return envelope


def clear_json(entry, envelope):
    """The payload behind the salt, when it is of form 1 and of the media type application/json."""
    if envelope is None or entry["payload"][0] != 1 or entry["payload"][3] != "application/json":
        return None
    return envelope[16:]


def new_walk(size, origin):
    """What is remembered from entry to entry. `damaged`: recorded hash of an entry that is not as recorded, to what was found."""
    return {"size": size, "origin": origin, "stated": origin, "streams": {}, "ids": set(), "recorded": 0, "last": bytes(32), "damaged": {}, "unlinked": {},
            "history": hashlib.sha256(), "removed": [], "genesis": None, "agreeing": 0}


def check_bundle(report, tree, walk, keyring, signing, moved, number):
    width, archive = width_at(tree["size"], 0, number), tree["archive"]
    entries, leaves, fault = tree["bundle"](number)
    recorded, tile = recorded_hashes(tree, number), tree["tile"](0, number)[0]
    if fault:
        add_general(report, file_name("tile/entries", number, width), fault.verdict, fault.reason)
        report["disagree"] = True
    if recorded != leaves[:width]:
        report["disagree"] = True
    check_tile(report, tree, 0, number, recorded)
    payloads = payload_records(archive, report, file_name("payloads", number, width), width)
    for i, (length, envelope) in enumerate(payloads):
        index, want = WIDTH * number + i, recorded[i]
        here = leaves[i] if i < len(leaves) else None
        denied = here and (tree["side"] is None or want is None) and next_denies(tree, index, here)
        if want is not None and here == want and not denied:
            check_entry(report, walk, keyring, signing, index, entries[i], want, length, envelope)
        else:
            changed = want is not None or denied or (tile is not None and tile[i] != here)
            judge_damage(report, tree, walk, keyring, signing, moved, index, want, here, entries[i] if here else None, changed)
        walk["last"] = None if denied else want
    return recorded


def next_denies(tree, index, leaf):
    """Whether the entry behind this one says that this one had another leaf hash: what is left where the tree says nothing."""
    number, i = divmod(index + 1, WIDTH)
    entries = tree["bundle"](number)[0] if index + 1 < tree["size"] else []
    behind = decode_or_none(entries[i]) if i < len(entries) else None
    return behind is not None and behind["previous"] != leaf


def judge_damage(report, tree, walk, keyring, signing, moved, index, want, here, raw, changed):
    """An entry that is not as it was recorded (`changed`), or of which nothing says how it was recorded."""
    decoded = decode_or_none(raw) if raw is not None else None
    stream = decoded["stream"] if decoded else None
    place = decoded["index"] if decoded else index
    if want is not None and want in moved:
        verdict, reason, stream = "reordered", "the entry that was recorded here stands at another place", moved[want]
    elif here is None:
        verdict, reason, stream = "missing", "its bytes are not there", None
    elif place != index and place < tree["size"] and recorded_hashes(tree, place // WIDTH)[place % WIDTH] == here:
        verdict, reason, stream = "missing", f"entry {place} stands in its place", None
    elif changed:
        verdict, reason = "altered", "its bytes are not those that were recorded"
    else:
        verdict, reason = "unverifiable", "nothing tells how it was recorded"
    note_damage(report, walk, index, want, verdict, reason, stream)
    sign_gap(report, keyring, signing, index, stream)
    if stream in (None, "ledger"):
        walk["history"] = None


def note_damage(report, walk, index, want, verdict, reason, stream):
    report["entries"][index] = worse(report["entries"].get(index, "intact"), verdict)
    if want is not None:
        walk["damaged"][want] = (index, verdict, reason, stream)
    if stream is None:
        walk["unlinked"][index] = (verdict, reason)           # a later entry of its stream may tell which that is
    else:
        add_to_record(report, stream, index, verdict, reason)
        head = count_entry(walk, stream, index)
        head["unsure"] = head["unsure"] or want is None


def count_entry(walk, stream, index):
    """Where a stream has come to. `unsure`: an entry of it stands there, but not what was recorded of it."""
    head = walk["streams"].setdefault(stream, {"revision": -1, "leaf": None, "index": 0, "count": 0, "unsure": False})
    head["count"] += 1
    head["index"] = max(index, head["index"])
    return head


def check_entry(report, walk, keyring, signing, index, raw, leaf, length, envelope):
    """An entry as it was recorded: its own rules, those between entries (A7), its payload (A10), its signature."""
    report["checked"]["entries against the tree"] += 1
    try:
        entry = decode_entry(raw)
    except Fault as fault:
        note_damage(report, walk, index, leaf, "altered", f"it was recorded against the format: {fault.reason}", None)
        sign_gap(report, keyring, signing, index, None)
        walk["history"] = None
        return
    stream = entry["stream"]

    def found(verdict, reason):
        add_to_record(report, stream, index, verdict, reason)

    if entry["index"] != index:
        found("reordered", f"it says that it is entry {entry['index']}")
    if walk["last"] is not None and entry["previous"] != walk["last"]:
        found("altered", "previous is not the leaf hash of the entry before")
    if entry["recorded"] < walk["recorded"]:
        found("altered", "it was recorded before the entry before it")
    walk["recorded"] = max(walk["recorded"], entry["recorded"])
    if entry["id"] in walk["ids"]:
        found("altered", "its id stands twice")
    walk["ids"].add(entry["id"])
    check_link(report, walk, index, entry, found)
    count_entry(walk, stream, index).update(revision=entry["revision"], leaf=leaf, unsure=False)

    known, payload = True, None
    try:
        payload = clear_json(entry, check_payload(entry, length, envelope))
        report["checked"]["payloads"] += 1 if "payload" in entry else 0
    except Fault as fault:
        known = False
        if fault.verdict == "removed":
            walk["removed"].append((index, stream))            # whether rightly, a later event may say
        else:
            found(fault.verdict, fault.reason)
    if index == 0:
        check_genesis(report, walk, keyring, entry, payload, known, leaf, found)
    else:
        sign_entry(report, keyring, signing, index, entry, payload, known)
    if stream == "ledger" and known:
        add_to_history(walk, index, entry, payload)
    elif stream == "ledger":
        walk["history"] = None


def check_link(report, walk, index, entry, found):
    """Revisions are 0, 1, 2 …, and streamPrevious is the leaf hash of the stream's entry before."""
    head = walk["streams"].get(entry["stream"], {"revision": -1, "leaf": None, "unsure": False})
    link, next_revision = entry.get("streamPrevious"), head["revision"] + 1
    damaged = walk["damaged"].get(link)
    if damaged and link != head["leaf"]:
        at, verdict, reason, claimed = damaged                # the entry before is known not to be as recorded: now also whose it is
        if claimed != entry["stream"]:
            walk["unlinked"].pop(at, None)
            walk["damaged"][link] = (at, verdict, reason, entry["stream"])
            add_to_record(report, entry["stream"], at, verdict, reason)
            count_entry(walk, entry["stream"], at)
    elif head["unsure"]:
        return
    elif entry["revision"] > next_revision:
        found("missing", f"revision {entry['revision'] - 1} of the record is not there before it")
    elif entry["revision"] < next_revision or link != head["leaf"]:
        found("altered", "its revision or streamPrevious does not follow the entry before it in the record")


def check_genesis(report, walk, keyring, entry, payload, known, leaf, found):
    walk["genesis"], walk["origin"] = entry, entry["source"]
    try:
        if known:
            start_keyring(keyring, entry, payload, leaf)
        else:
            lose_keys(report, keyring, "the payload of entry 0 is not known")
    except Fault as fault:
        found(fault.verdict, fault.reason)
        lose_keys(report, keyring, "entry 0 is not as it must be")


def add_to_history(walk, index, entry, payload):
    """The next line of the key history, if all before it were known (A11)."""
    text = re.sub(r'(["\\])', r"\\\1", entry["type"])
    line = f'{{"index":{index},"recorded":"{time_text(entry["recorded"])}","type":"{text}","payload":'.encode()
    before = f'{{"format":"mohur/key-history/v1","origin":"{walk["origin"]}","size":{walk["size"]},"events":[\n'.encode()
    if walk["history"]:
        walk["history"].update((b",\n" if index else before) + line + (b"null" if payload is None else payload) + b"}")


def judge_removals(report, walk, keyring):
    for index, stream in walk["removed"]:
        event, by_schedule = keyring["removals"].get(index, (None, False)) if stream != "ledger" else (None, False)
        if event is None:
            add_to_record(report, stream, index, "missing", "the payload was removed, and no event authorises that")
        elif by_schedule:
            add_to_record(report, stream, index, "removed under schedule", f"the payload was removed under event {event}")
        else:
            add_to_record(report, stream, index, "intact, payload erased", f"the payload was erased under event {event}")


def check_history(archive, report, walk):
    path = f"data/keys/{walk['size']:020d}.json"
    try:
        digest, _ = digest_of_file(archive, path)
        if walk["history"] is None:
            add_not_checked(report, f"{path}: the events of the stream ledger are not all known")
            return
        walk["history"].update(b"\n]}\n")
        if digest != walk["history"].hexdigest():
            raise Fault("it does not repeat the events of the stream ledger")
        report["checked"]["key history"] += 1
    except Fault as fault:
        add_general(report, path, fault.verdict, fault.reason)


def check_earlier(archive, report, walk, policy, size, root):
    """A9: an earlier checkpoint, against the root of as many entries; None when that cannot be computed."""
    path = f"data/checkpoints/{size:020d}.checkpoint"
    try:
        text, signatures = parse_note(read_file(archive, path, CHECKPOINT_LIMIT))
        origin, stated, stated_root = parse_checkpoint(text)
        if stated != size:
            raise Fault("it states another size than its name")
        signers = known_signers(text, signatures, policy)
        signed = check_quorum(signers, origin, policy)[0] is not None
        if origin != (walk["stated"] or walk["origin"]):
            raise Fault("it is of another origin")
        if root is None:
            raise Fault("the root of so many entries is not known", "unverifiable")
        if stated_root != root:
            raise Fault("its root is not that of the entries", "forked" if signed else "altered")
        if signed:
            walk["agreeing"] = size
        else:
            add_not_checked(report, f"{path}: no log of the policy signed it")
        report["checked"]["earlier checkpoints against the tree"] += 1
        report["checked"]["signatures of earlier checkpoints"] += len(signers)
    except Fault as fault:
        add_general(report, path, fault.verdict, fault.reason)


def check_entries(archive, report, tree, walk, keyring, policy, checkpoints):
    """All entries in their order, and what is to be compared with them on the way."""
    signing, moved, rows, peaks = new_signing(), find_moved(tree), [], []
    earlier = deque(size for size in checkpoints if size < tree["size"])
    next_number = 0
    for number in tree["visit"]:
        if number != next_number:                             # nothing is there of the bundles before: not one by one, for the size may be a lie
            sign_gap(report, keyring, signing, WIDTH * number - 1, None)
            walk["history"], walk["last"], peaks = None, None, None
        recorded = check_bundle(report, tree, walk, keyring, signing, moved, number)
        known = None not in recorded
        while earlier and earlier[0] <= WIDTH * number + len(recorded):
            size = earlier.popleft()
            part = recorded[:size - WIDTH * number] if size > WIDTH * number else [None]
            computable = peaks is not None and None not in part
            check_earlier(archive, report, walk, policy, size, root_of_peaks(peaks, tree_root(part)) if computable else None)
        if len(recorded) == WIDTH:
            root = tree_root(recorded) if known else bundle_root(tree, number)
            check_upper_tiles(report, tree, rows, 1, root)
            if root is None:
                peaks = None
            elif peaks is not None:
                add_peak(peaks, root)
        next_number = number + 1
    for size in earlier:
        check_earlier(archive, report, walk, policy, size, None)
    for level, (number, row) in enumerate(rows):
        if row:
            check_tile(report, tree, level, number, row)
    for item in signing["pending"]:
        leave_unsigned(report, item)
    walk["lost"] = tree["size"] - sum(width_at(tree["size"], 0, number) for number in tree["visit"])
    if walk["lost"]:
        add_general(report, "data/tile/entries", "missing", f"{walk['lost']} entries are not there, and nothing of their tiles")
        report["disagree"] = True
        lose_keys(report, keyring, "entries are not there")
    for index, (verdict, reason) in walk["unlinked"].items():
        add_general(report, f"entry {index}", verdict, reason)


# --------------------------------------------------------------------------------------------------------- 12  timestamps

def check_timestamp(archive, report, size, kinds, policy, anchors, openssl):
    """The .tsr is a timestamp of the checkpoint with the log's own line alone. openssl knows how to check it, and whom to trust."""
    name = f"data/checkpoints/{size:020d}"
    if kinds & {"tsq", "tsr"} == {"tsq"} or kinds & {"tsq", "tsr"} == {"tsr"}:
        add_general(report, f"{name}." + ({"tsq", "tsr"} - kinds).pop(), "missing", "request and response stand together or not at all")
        return None
    if not anchors or not openssl:
        return None
    try:
        text, signatures = parse_note(read_file(archive, f"{name}.checkpoint", CHECKPOINT_LIMIT))
        origin = text.split("\n", 1)[0]
        logs = {(key["name"], key["id"]) for key in policy["logs"]}
        own = [line for who, key, _, line in signatures if (who, key) in logs] or [line for who, _, _, line in signatures if who == origin]
        imprint = hashlib.sha256((text + "\n" + own[0]).encode()).hexdigest() if own else ""
        for file in (f"{name}.tsr", f"{name}.tsq"):
            read_file(archive, file, CHECKPOINT_LIMIT)
    except Fault:
        return None                                           # said elsewhere
    response, request = (os.path.abspath(os.path.join(archive, f"{name}.{kind}")) for kind in ("tsr", "tsq"))
    shown = run_openssl(openssl, "-reply", "-in", response, "-text")
    time = re.search(r"^Time stamp: (.*)$", shown or "", re.MULTILINE)
    holds = imprint and all(run_openssl(openssl, "-verify", "-in", response, *by, "-CAfile", anchors) is not None
                            for by in (("-digest", imprint), ("-queryfile", request)))
    if not holds:
        add_general(report, f"{name}.tsr", "unverifiable", "the timestamp does not hold for this checkpoint with these anchors")
    return {"size": size, "time": time[1] if time and holds else None, "holds": bool(holds)}


def run_openssl(openssl, *arguments):
    """What `openssl ts` prints, or None when it says no."""
    try:
        done = subprocess.run([openssl, "ts", *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


# ---------------------------------------------------------------------------------------------------- 13  report and main

def read_newest(archive, report, size, policy):
    """A12 without the ledger's own keys. Origin, root, whether it is to be trusted, cosigners, log key."""
    path = f"data/checkpoints/{size:020d}.checkpoint"
    try:
        text, signatures = parse_note(read_file(archive, path, CHECKPOINT_LIMIT))
        origin, stated, root = parse_checkpoint(text)
        if stated != size:
            raise Fault("it states another size than its name")
    except Fault as fault:
        add_general(report, path, fault.verdict, fault.reason)
        return None, None, False, [], None
    log_key, cosigners, reason = None, [], None
    try:
        log_key, cosigners, quorum = check_quorum(known_signers(text, signatures, policy), origin, policy)
        if log_key is None:
            cosigners, reason = [], "it is not signed by a log of the policy whose name is the origin"
        elif not quorum:
            reason = "too few witnesses of the policy have cosigned it"
    except Fault as fault:
        reason = fault.reason
    if reason:
        add_general(report, "checkpoint", "unverifiable", reason)
    return origin, root, reason is None, cosigners, log_key


def check_log_key(report, keyring, log_key, size):
    """A12: the key that signed the newest checkpoint is a log key in force, if the ledger names any."""
    named = [key for key in keyring["keys"].values() if key["role"] == "log"]
    if keyring["unknown"] or not named or log_key is None:
        add_not_checked(report, "whether the log's key is in force by the ledger's own events")
        return
    found = key_in_force(keyring, key_id(1, log_key["public"]), size)
    if found is None or found["role"] != "log":
        add_general(report, "checkpoint", "unverifiable", "its key is not a log key that is in force by the ledger's own events")


def check_bag_info(report, info, walk, root, oxum):
    genesis = walk["genesis"]
    wanted = {"Payload-Oxum": oxum, "Mohur-Entries": str(walk["size"]), "Mohur-Root": root and root.hex(),
              "External-Identifier": walk["origin"], "Internal-Sender-Identifier": genesis and uuid_text(genesis["id"])}
    for label, value in wanted.items():
        if value is not None and info.get(label, value) != value:
            add_general(report, "bag-info.txt", "altered", f"{label} does not agree with the rest")


def settle_base(report, tree, root, walk):
    """Nothing leads to the signed root: another history, if all files agree with each other; else it cannot be told. Returns the verdict
    of the entries of which nothing else is said, and from which entry on it holds."""
    if tree["side"] is not None:
        return "intact", 0
    if root is not None and not report["disagree"]:
        add_general(report, "checkpoint", "forked", "entries and tiles agree with each other, and not with the root of the checkpoint")
        return "forked", walk["agreeing"]
    add_general(report, "checkpoint", "unverifiable", "nothing in the archive leads to the root of the checkpoint")
    return "unverifiable", 0


def count_verdicts(report, walk, base, start):
    """How many entries and records have each verdict, and the records that are not intact."""
    entries = Counter(worse(verdict, base) if index >= start else verdict for index, verdict in report["entries"].items())
    entries["intact"] += start - sum(index < start for index in report["entries"])
    entries["missing"] += walk["lost"]
    entries[base] += walk["size"] - entries.total()
    records, verdicts = Counter(), []
    for name, head in walk["streams"].items():
        found = report["records"].get(name, {"verdict": "intact", "findings": []})
        verdict = worse(found["verdict"], base if head["index"] >= start else "intact")
        records[verdict] += 1
        if verdict != "intact":
            findings = sorted(found["findings"], key=lambda finding: finding["index"])
            verdicts.append({"record": name, "verdict": verdict, "entries": head["count"], "findings": findings})
    in_order = [{verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]} for counts in (entries, records)]
    return *in_order, sorted(verdicts, key=lambda record: record["record"].encode())


def verify(archive, policy, anchors=None, openssl=None):
    """The whole of it: a report as a dictionary that can be written as JSON."""
    report = new_report()
    info = check_tag_files(archive, report)
    checkpoints = find_checkpoints(archive, report)
    if not checkpoints:
        raise Fault("it is no archive: there is no checkpoint in it")
    size = max(checkpoints)
    oxum = check_manifest(archive, report, size, checkpoints)
    tree = open_tree(archive, size, check_folders(archive, report, size, checkpoints))
    origin, root, trusted, cosigners, log_key = read_newest(archive, report, size, policy)

    choose_side(tree, root)
    keyring, walk = new_keyring(), new_walk(size, origin)
    check_entries(archive, report, tree, walk, keyring, policy, checkpoints)
    check_history(archive, report, walk)
    judge_removals(report, walk, keyring)
    if origin is not None and walk["genesis"] and walk["genesis"]["source"] != origin:
        add_general(report, f"data/checkpoints/{size:020d}.checkpoint", "altered", "its origin is not that of entry 0")
    base, start = settle_base(report, tree, root, walk)
    check_log_key(report, keyring, log_key, size)
    check_bag_info(report, info, walk, root, oxum)
    timestamps = [check_timestamp(archive, report, at, kinds, policy, anchors, openssl) for at, kinds in checkpoints.items()]
    if any(kinds & {"tsq", "tsr"} for kinds in checkpoints.values()) and not (anchors and openssl):
        add_not_checked(report, "timestamps: " + ("openssl is not installed" if anchors else "no --anchors were given"))

    entries, records, verdicts = count_verdicts(report, walk, base, start)
    findings = [{"place": place, "verdict": verdict, "reason": reason} for (place, verdict), reason in report["findings"].items()]
    worst = functools.reduce(worse, [*entries, *records, *(finding["verdict"] for finding in findings)], "intact")
    return {"verdict": worst, "sound": trusted and RANK[worst] <= RANK["removed under schedule"], "subject": archive, "kind": "archive",
            "origin": origin, "size": size, "root": root.hex() if root else None, "trusted": trusted, "cosigners": cosigners,
            "timestamps": [timestamp for timestamp in timestamps if timestamp], "entries": entries, "records": records,
            "findings": findings, "verdicts": verdicts,
            "checked": [{"what": what, "count": count} for what, count in report["checked"].items()],
            "notChecked": report["notChecked"]}


def printable(text):
    return "".join(c if c.isprintable() and not 0xD800 <= ord(c) < 0xE000 else f"\\u{{{ord(c):x}}}" for c in str(text))


def print_report(report):
    state = "sound" if report["sound"] else "NOT SOUND"
    lines = [f"{report['subject']}: {state}: {report['verdict']}", f"origin {report['origin']}, {report['size']} entries, root {report['root']}",
             f"checkpoint {'trusted' if report['trusted'] else 'NOT trusted'} under the policy"]
    lines += [f"  cosigned by {cosigner['name']} at {time_text(1_000_000 * cosigner['time'])}" for cosigner in report["cosigners"]]
    lines += [f"  timestamp of {stamp['size']} entries: {stamp['time'] or 'does not hold'}" for stamp in report["timestamps"]]
    lines += [f"{what}: " + ", ".join(f"{count} {verdict}" for verdict, count in report[what].items()) for what in ("entries", "records")]
    lines += [f"{finding['verdict']}: {finding['place']}: {finding['reason']}" for finding in report["findings"]]
    for record in report["verdicts"]:
        lines.append(f"{record['verdict']}: record {record['record']} ({record['entries']} entries)")
        lines += [f"  {finding['verdict']}: entry {finding['index']}: {finding['reason']}" for finding in record["findings"]]
    lines += [f"checked: {item['count']} {item['what']}" for item in report["checked"]]
    lines += [f"not checked: {text}" for text in report["notChecked"]]
    print("\n".join(map(printable, lines)))


def main():
    parser = argparse.ArgumentParser(prog="verify.py", description="Verify an archive of a Mohur ledger.", allow_abbrev=False)
    parser.add_argument("archive", metavar="ARCHIVE")
    parser.add_argument("--policy", required=True, metavar="POLICY", help="whom to believe: a file as of C2SP tlog-policy")
    parser.add_argument("--anchors", metavar="PEM", help="certificates of time-stamping authorities")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def usage(message):
        print(f"verify.py: {message}", file=sys.stderr)
        sys.exit(64)

    parser.error = usage
    options = parser.parse_args()
    try:
        with open(options.policy, "rb") as file:
            policy = parse_policy(file.read(POLICY_LIMIT + 1))
        if options.anchors:
            open(options.anchors, "rb").close()
        report = verify(options.archive, policy, options.anchors, shutil.which("openssl"))
        print(json.dumps(report)) if options.json else print_report(report)
        sys.stdout.flush()
    except BrokenPipeError:                                   # whoever reads has gone away
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except (OSError, Fault, MemoryError) as problem:
        print("verify.py: " + printable(problem), file=sys.stderr)
        sys.exit(2)
    sys.exit(0 if report["sound"] else 1)


if __name__ == "__main__":
    main()
