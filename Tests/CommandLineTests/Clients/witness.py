"""A witness of tlog-witness. witness.py MOOD NAME LOG-VKEY prints its port and vkeys, then a line for each answer.

Moods: honest; two-keys (each answer has a cosignature by each); forged; garbage; huge; redirecting; chunked.
"""
import http.server
import sys
import time

from tlog import *

class Witness:
    def __init__(self, mood, name, log_vkey):
        self.mood, self.log = mood, Key.parse(log_vkey)
        self.keys = [Key.make(name, 4, secret) for secret in ["first", "second"][:2 if mood == "two-keys" else 1]]
        self.size, self.root = 0, mth([])

    def answer(self, body):
        head, _, note = body.partition(b"\n\n")
        old, *proof = (head + b"\n").decode().split("\n")[:-1]
        if not re.fullmatch("old (0|[1-9][0-9]*)", old) or len(proof) > 63:
            return 400, b"malformed\n"
        try:
            origin, size, root, _ = checkpoint(note, [self.log], self.log.name)
        except Refused as error:
            return 403, str(error).encode()
        if int(old[4:]) != self.size:
            return 409, b"%d\n" % self.size
        try:
            check_consistency(self.size, size, self.root, root, [b64(line) for line in proof])
        except Refused as error:
            return 422, str(error).encode()
        self.size, self.root = size, root
        return 200, b"".join(k.line(checkpoint_text(origin, size, root), int(time.time())) for k in self.keys)

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        mood = self.server.witness.mood
        status, answer = self.server.witness.answer(body) if self.path == "/w/add-checkpoint" else (404, b"")
        print(status, body.split(b"\n")[0].decode(), flush=True)
        if mood == "redirecting":
            status = 307
        elif mood == "forged":
            answer = answer[:-20] + b"AAAAAAAAAA" + answer[-10:]
        elif mood in ("garbage", "huge"):
            status, answer = 200, b"not a cosignature\n" * (1 if mood == "garbage" else 1 << 20)
        self.send_response(status)
        self.send_header("Content-Type", "text/x.tlog.size" if status == 409 else "text/plain; charset=utf-8")
        if mood == "redirecting":
            self.send_header("Location", "/elsewhere/add-checkpoint")
        if mood == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
            answer = b"%x\r\n%s\r\n0\r\n\r\n" % (len(answer), answer)
        else:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        try:
            self.wfile.write(answer)
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_):
        pass

if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.witness = Witness(*sys.argv[1:])
    print(server.server_address[1], *[key.vkey() for key in server.witness.keys], flush=True)
    server.serve_forever()
