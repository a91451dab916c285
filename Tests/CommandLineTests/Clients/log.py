"""A log. `log.py vkeys` prints its keys. `log.py submit PORT WITNESS-VKEY` asks that witness for cosignatures, prints
a line for each answer that is not as tlog-witness says, and `done`. `log.py receipts DIR` writes receipts of tlog-proof
with policies: those that are to hold are named good-, the others bad-.
"""
import http.client
import socket
import sys

from tlog import *

KEY, SECOND = Key.make("log.example/foreign", 1, "first"), Key.make("log.example/foreign", 1, "second")
TWIN, STRANGER = Key("log.example/twin", 1, KEY.public, KEY.seed), Key.make("log.example/stranger", 1, "third")
LEAVES = [leaf_hash(b"entry %d" % i) for i in range(300)]

def tree(lo, hi):
    return mth(LEAVES[lo:hi])

def text(size, key=KEY):
    return checkpoint_text(key.name, size, tree(0, size))

def note(size, *others, key=KEY):
    return text(size, key) + b"\n" + key.line(text(size, key)) + b"".join(others)

def body(old, size, proof=None, signed=None):
    proof = consistency_proof(old, size, tree) if proof is None else proof
    return b"old %d\n%s\n%s" % (old, proof_lines(proof), note(size) if signed is None else signed)

def submit(port, witness):
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def expect(what, status, request, size=None):
        link.request("POST", "/add-checkpoint", request)
        answer = link.getresponse()
        found, content, kind = answer.status, answer.read(), answer.headers["Content-Type"]
        if found != status:
            print(what, "was answered with", found, content)
        elif status == 409 and (content, kind) != (b"%d\n" % size, "text/x.tlog.size"):
            print(what, "was answered with the size", content, "of the type", kind)
        elif status == 200:
            signed = request.partition(b"\n\n")[2].partition(b"\n\n")[0] + b"\n"
            open_note(signed + b"\n" + content, [witness])

    strangers = b"".join(Key.make("x%d.example" % i, 1, "x").line(text(9)) for i in range(30))
    bad = ("\u2014 %s %s\n" % (KEY.name, e64(KEY.id + bytes(64)))).encode()
    alike = ("\u2014 %s %s\n\u2014 x.example %s\n" % (KEY.name, e64(bytes(68)), e64(KEY.id + bytes(64)))).encode()
    expect("an unknown log", 404, body(0, 5, signed=note(5, key=STRANGER)))
    expect("a stranger's signature", 403, body(0, 5, signed=text(5) + b"\n" + STRANGER.line(text(5))))
    expect("a forged line beside a true one", 403, body(0, 5, signed=note(5, bad)))
    expect("an old size before the first", 409, body(3, 5), size=0)
    expect("a proof from nothing", 422, body(0, 5, proof=LEAVES[:1]))
    expect("an empty tree", 200, body(0, 0))
    expect("the first tree", 200, body(0, 5))
    expect("the same tree again", 200, body(5, 5))
    other = checkpoint_text(KEY.name, 5, bytes(32))
    expect("another root of that size", 422, body(5, 5, signed=other + b"\n" + KEY.line(other)))
    expect("an old size above the checkpoint's", 400, body(5, 3, proof=[]))
    expect("a question for the size", 409, body(0, 9), size=5)
    expect("a smaller tree", 409, body(3, 3), size=5)
    expect("a wrong proof", 422, body(5, 9, proof=[bytes(32)]))
    expect("the signatures of thirty strangers", 200, body(5, 9, signed=note(9, strangers)))
    expect("lines that are alike in name or in ID", 200, body(9, 12, signed=note(12, alike)))
    expect("two signatures of the log", 200, body(12, 13, signed=note(13, SECOND.line(text(13)))))
    expect("the second key's alone", 200, body(13, 14, signed=text(14) + b"\n" + SECOND.line(text(14))))
    expect("another log with the same key", 200, body(0, 7, signed=note(7, key=TWIN)))
    expect("an extension line", 200, body(14, 15, signed=text(15) + b"more\n\n" + KEY.line(text(15) + b"more\n")))
    sound = body(15, 16)
    expect("nothing", 400, b"")
    expect("CRLF", 400, sound.replace(b"\n", b"\r\n"))
    expect("an old size with a sign", 400, sound.replace(b"old ", b"old +"))
    expect("64 hashes", 400, body(15, 16, proof=[bytes(32)] * 64))
    expect("a cut end", 400, sound[:-1])
    expect("a long proof", 200, body(15, 300))
    same = body(300, 300)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (same[:9], same[9:], b""))
    length = b"Content-Length: %d\r\n\r\n" % len(same) + same
    for version, rest in [(1, b"Transfer-Encoding: chunked\r\n\r\n" + chunks), (0, length)]:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as link:
            link.sendall(b"POST /add-checkpoint HTTP/1.%d\r\nHost: w\r\nConnection: close\r\n" % version + rest)
            if b" 200 OK" not in link.makefile("rb").readline():
                print("HTTP/1.%d was refused" % version)
    print("done")

def receipts(folder):
    witnesses = [Key.make("w%d.example" % i, 4, "w%d" % i) for i in range(3)]
    cosigned = [w.line(text(100), 1700000000 + i) for i, w in enumerate(witnesses)]
    names = "".join("witness w%d %s\n" % (i, w.vkey()) for i, w in enumerate(witnesses))

    def write(name, policy, *lines, extra=b"", index=7, proof=None, edit=lambda b: b):
        proof = inclusion_proof(7, 0, 100, tree) if proof is None else proof
        receipt = b"c2sp.org/tlog-proof@v1\n%sindex %d\n%s\n%s" % (extra, index, proof_lines(proof), note(100, *lines))
        open("%s/%s.tlog-proof" % (folder, name), "wb").write(edit(receipt))
        open("%s/%s.policy" % (folder, name), "w").write("log %s\n%s%s\n" % (KEY.vkey(), names, policy))

    nested = "# two of three\n\n \t group a  any w0 w1\ngroup b all a\tw2\nquorum b"
    write("good-plain", "quorum none")
    write("good-nested", nested, *cosigned)
    strangers = [Key.make("s%d" % i, 4, "s").line(text(100), 5) for i in range(14)]
    write("good-strangers", "quorum w0", *strangers, cosigned[0])
    write("good-extra", "quorum none", extra=b"extra %s\n" % e64(b"anything").encode())
    write("good-threshold", "group q 2 w0 w1 w2\nquorum q", cosigned[2], cosigned[0], cosigned[0])
    write("bad-quorum", nested, cosigned[0], cosigned[1])
    write("bad-twice-is-once", "group q 2 w0 w1\nquorum q", cosigned[0], witnesses[0].line(text(100), 9))
    write("bad-forged", "quorum w1", cosigned[0][:-12] + b"AAAAAAAA" + cosigned[0][-4:], cosigned[1])
    write("bad-index", "quorum none", index=8)
    write("bad-proof-long", "quorum none", proof=inclusion_proof(7, 0, 100, tree) + [bytes(32)])
    write("bad-two-extras", "quorum none", extra=b"extra aGk=\nextra aGk=\n")
    write("bad-crlf", "quorum none", edit=lambda b: b.replace(b"\n", b"\r\n"))
    write("bad-policy-comment", "quorum none # none")
    write("bad-policy-two", "quorum none\nquorum none")
    write("bad-policy-zero", "group q 0 w0\nquorum q", *cosigned)
    write("bad-policy-later", "group q any r\ngroup r any w0\nquorum q", *cosigned)
    write("bad-policy-none", "group q any none\nquorum q", *cosigned)
    write("bad-policy-member", "group q any w0\ngroup r any w0 q\nquorum r", *cosigned)
    write("bad-policy-no-quorum", "", *cosigned)

if __name__ == "__main__":
    if sys.argv[1] == "vkeys":
        print(*[key.vkey() for key in (KEY, SECOND, TWIN)])
    elif sys.argv[1] == "submit":
        submit(int(sys.argv[2]), Key.parse(sys.argv[3]))
    else:
        receipts(sys.argv[2])
