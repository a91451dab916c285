"""A monitor of tlog-tiles: it believes a checkpoint, and what hashes to it.

monitor.py DIR ORIGIN-VKEY serves DIR as a web server would and follows the log in it. For each line of standard input,
`update` or `entries FROM TO`, it prints one: what it did, or `refused` and why.
"""
import functools
import http.client
import http.server
import sys
import threading

from tlog import *

def tile_path(kind, n):
    groups = ["%03d" % (n % 1000)]
    while n >= 1000:
        n //= 1000
        groups.insert(0, "x%03d" % (n % 1000))
    return "tile/%s/%s" % (kind, "/".join(groups))

class Monitor:
    def __init__(self, port, vkey):
        self.key = Key.parse(vkey)
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.tiles, self.size, self.root = {}, 0, mth([])

    def get(self, path):
        self.link.request("GET", "/" + path)
        answer = self.link.getresponse()
        return answer.status, answer.read()

    def fetch(self, kind, index, width):
        """A partial tile, or the full tile when the partial one is gone."""
        full = tile_path(kind, index)
        for path in [full] if width == 256 else [full + ".p/%d" % width, full]:
            status, body = self.get(path)
            if status == 200:
                return body
            require(status == 404, "%s answers %d" % (path, status))
        raise Refused("%s is not there" % path)

    def tile(self, level, index, size):
        width = min(256, (size >> (8 * level)) - index * 256)
        if len(self.tiles.get((level, index), [])) < width:
            body = self.fetch(str(level), index, width)
            require(len(body) in (32 * width, 8192), "tile %d/%d has %d bytes" % (level, index, len(body)))
            self.tiles[level, index] = [body[i:i + 32] for i in range(0, 32 * width, 32)]
        return self.tiles[level, index]

    def tree(self, size):
        """The hash of a range of leaves: whole subtrees from the highest tiles that have them."""
        def range_hash(lo, hi):
            count = hi - lo
            if count & (count - 1):
                k = lo + split(count)
                return node_hash(range_hash(lo, k), range_hash(k, hi))
            level = (count.bit_length() - 1) // 8
            first = lo >> (8 * level)
            at = first % 256
            return mth(self.tile(level, first // 256, size)[at:at + (count >> (8 * level))])
        return range_hash

    def update(self):
        status, note = self.get("checkpoint")
        require(status == 200, "the checkpoint answers %d" % status)
        origin, size, root, signers = checkpoint(note, [self.key], self.key.name)
        require(size >= self.size, "the log shrank from %d to %d" % (self.size, size))
        tree = self.tree(size)
        check_consistency(self.size, size, self.root, root, consistency_proof(self.size, size, tree))
        require(tree(0, size) == root, "the tiles do not hash to the checkpoint")
        old, self.size, self.root = self.size, size, root
        return "grew from %d to %d" % (old, size)

    def entries(self, start, end):
        """Each entry is held against its leaf hash, and the first against an inclusion proof of the monitor's own."""
        for n in range(start // 256, (end + 255) // 256):
            width, at = min(256, self.size - n * 256), 0
            body, hashes = self.fetch("entries", n, width), self.tile(0, n, self.size)
            for i in range(width):
                length = int.from_bytes(body[at:at + 2], "big")
                entry, at = body[at + 2:at + 2 + length], at + 2 + length
                require(at <= len(body) and leaf_hash(entry) == hashes[i], "entry %d" % (n * 256 + i))
        proof = inclusion_proof(start, 0, self.size, self.tree(self.size))
        leaf = self.tile(0, start // 256, self.size)[start % 256]
        require(root_from_inclusion(leaf, start, self.size, proof) == self.root, "inclusion of %d" % start)
        return "verified %d entries" % (end - start)

class Web(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Web, directory=sys.argv[1]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monitor = Monitor(server.server_address[1], sys.argv[2])
    for line in sys.stdin:
        words = line.split()
        try:
            print(monitor.update() if words[0] == "update" else monitor.entries(*map(int, words[1:])), flush=True)
        except Refused as error:
            print("refused:", error, flush=True)
