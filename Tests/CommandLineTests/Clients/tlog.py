"""What a foreign client knows of transparency logs, written from C2SP's and RFC 6962's texts alone."""
import base64
import hashlib
import re
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# C2SP signed-note
class Refused(Exception):
    pass

def require(ok, why):
    if not ok:
        raise Refused(why)

def b64(text):
    if isinstance(text, bytes):
        text = text.decode("ascii")
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("not base64: %r" % text[:60])
    require(base64.b64encode(raw).decode() == text, "not canonical base64: %r" % text[:60])
    return raw

def e64(raw):
    return base64.b64encode(raw).decode()

class Key:
    """A verifier key; with a seed, a signer too. Kind 1 is a log's Ed25519 key, kind 4 an Ed25519 cosignature's."""

    def __init__(self, name, kind, public, seed=None):
        self.name, self.kind, self.public, self.seed = name, kind, public, seed
        self.id = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]

    @classmethod
    def make(cls, name, kind, secret):
        seed = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(secret.encode()).digest())
        return cls(name, kind, seed.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), seed)

    @classmethod
    def parse(cls, vkey):
        name, hex_id, blob = vkey.split("+", 2)
        raw = b64(blob)
        key = cls(name, raw[0], raw[1:])
        require(re.fullmatch("[0-9a-f]{8}", hex_id) and key.id.hex() == hex_id, "key ID of %s" % vkey)
        require(name and not re.search(r"\s", name), "name of %s" % vkey)
        return key

    def vkey(self):
        return "%s+%s+%s" % (self.name, self.id.hex(), e64(bytes([self.kind]) + self.public))

    def line(self, text, time=None):
        if self.kind == 1:
            sig = self.seed.sign(text)
        else:
            sig = struct.pack(">Q", time) + self.seed.sign(cosigned(time, text))
        return ("\u2014 %s %s\n" % (self.name, e64(self.id + sig))).encode()

    def verify(self, text, sig):
        if self.kind == 4:
            text, sig = cosigned(int.from_bytes(sig[:8], "big"), text), sig[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(sig, text)
        except InvalidSignature:
            return False
        return self.kind in (1, 4)

def cosigned(time, text):
    return b"cosignature/v1\ntime %d\n" % time + text

def parse_lines(block):
    out = []
    require(block.endswith(b"\n"), "signatures do not end in a newline")
    for line in block[:-1].split(b"\n"):
        m = re.fullmatch(rb"\xe2\x80\x94 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        require(m, "signature line %r" % line[:80])
        raw = b64(m[2])
        require(len(raw) > 4, "signature of %d bytes" % len(raw))
        out.append((m[1].decode(), raw[:4], raw[4:]))
    return out

def open_note(note, keys):
    """The text of a note and the keys that signed it; strict, as signed-note asks."""
    try:
        note.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("not UTF-8")
    require(not any(b < 32 and b != 10 for b in note), "control characters")
    cut = note.rfind(b"\n\n")
    require(cut >= 0, "no empty line before the signatures")
    text, signers = note[: cut + 1], []
    for name, key_id, sig in parse_lines(note[cut + 2:]):
        for key in keys:
            if (key.name, key.id) == (name, key_id):
                require(key.verify(text, sig), "signature of %s fails" % name)
                signers.append(key)
    require(signers, "no known signature")
    return text, signers

def checkpoint(note, keys, origin=None):
    text, signers = open_note(note, keys)
    lines = text.decode()[:-1].split("\n")
    require(len(lines) >= 3 and all(lines), "checkpoint lines")
    require(re.fullmatch("0|[1-9][0-9]*", lines[1]), "checkpoint size %r" % lines[1])
    root = b64(lines[2])
    require(len(root) == 32 and (origin is None or lines[0] == origin), "checkpoint root or origin")
    return lines[0], int(lines[1]), root, signers

def checkpoint_text(origin, size, root):
    return ("%s\n%d\n%s\n" % (origin, size, e64(root))).encode()

def proof_lines(hashes):
    return b"".join(e64(h).encode() + b"\n" for h in hashes)

# RFC 6962
def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()

def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()

def split(n):
    return 1 << (n - 1).bit_length() - 1

def mth(leaves):
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))

def subproof(m, lo, hi, whole, tree):
    """RFC 6962 2.1.2 over tree(lo, hi), the hash of a range of leaves."""
    if m == hi:
        return [] if whole else [tree(lo, hi)]
    k = lo + split(hi - lo)
    if m <= k:
        return subproof(m, lo, k, whole, tree) + [tree(k, hi)]
    return subproof(m, k, hi, False, tree) + [tree(lo, k)]

def consistency_proof(old, new, tree):
    return [] if old in (0, new) else subproof(old, 0, new, True, tree)

def inclusion_proof(index, lo, hi, tree):
    if hi - lo == 1:
        return []
    k = lo + split(hi - lo)
    if index < k:
        return inclusion_proof(index, lo, k, tree) + [tree(k, hi)]
    return inclusion_proof(index, k, hi, tree) + [tree(lo, k)]

def root_from_inclusion(leaf, index, size, proof):
    require(index < size, "index %d outside a tree of %d" % (index, size))
    if size == 1:
        require(not proof, "proof too long")
        return leaf
    require(proof, "proof too short")
    k = split(size)
    if index < k:
        return node_hash(root_from_inclusion(leaf, index, k, proof[:-1]), proof[-1])
    return node_hash(proof[-1], root_from_inclusion(leaf, index - k, size - k, proof[:-1]))

def check_consistency(old, new, old_root, new_root, proof):
    require(old <= new, "a tree of %d cannot grow to %d" % (old, new))
    if old == 0 or old == new:
        require(not proof and (old == 0 or old_root == new_root), "consistency of equal trees")
        return

    def walk(m, n, whole, rest):
        if m == n:
            if whole:
                require(not rest, "proof too long")
                return old_root, old_root
            require(len(rest) == 1, "proof length")
            return rest[0], rest[0]
        require(rest, "proof too short")
        k = split(n)
        if m <= k:
            a, b = walk(m, k, whole, rest[:-1])
            return a, node_hash(b, rest[-1])
        a, b = walk(m - k, n - k, False, rest[:-1])
        return node_hash(rest[-1], a), node_hash(rest[-1], b)

    a, b = walk(old, new, True, proof)
    require(a == old_root and b == new_root, "inconsistent trees")
