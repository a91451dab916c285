import Digests
import EventFormat
import Keyring
import Signing
import TestSupport
import Testing

/// docs/format.md, the section on keys, signatures and policy: what the page states and what the code computes are the
/// same bytes.
struct KeyringPageTests {
    let page: FormatPage
    let key: PrivateKey

    init() throws {
        page = try FormatPage()
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
        key = try PrivateKey(ed25519Seed: try #require(Hex.decode(seed)))
        #expect(page.text.contains("`\(seed)`"))
    }

    @Test func `the key id of the page is the one that the code computes`() throws {
        let id = try page.digest("key-id")
        #expect(key.publicKey.id.digest == id)
        let input = try page.block("key-input")
        let digest = SHA256.hash(input.span)
        #expect(digest == id)
        #expect(Array(input.suffix(32)) == key.publicKey.bytes)
    }

    @Test func `the source digest of the page is that of entry 1, signed or not`() throws {
        let map = try page.block("source-map-1")
        let digest = SHA256.hash(prefix: 0x03, map.span)
        #expect(digest == (try page.digest("source-digest-1")))
        for name in ["entry-1", "signed-entry-1"] {
            let bytes = try page.block(name)
            let found = try EntryLayout(bytes.span).sourceDigest(in: bytes.span)
            #expect(found == digest, "\(name)")
        }
    }

    @Test func `the signed entry of the page is the one that the code makes`() throws {
        let digest = try page.digest("source-digest-1")
        let message = AppendMessage.bytes(identity: try page.digest("leaf-0"), digests: [digest])
        #expect(message == (try page.block("append-message")))
        let signature = try AppendMessage.sign(identity: try page.digest("leaf-0"), digests: [digest], with: key)
        #expect(signature.signature == (try page.block("append-signature")))
        let plain = try page.block("entry-1")
        var entry = try Entry(decoding: plain.span)
        entry.append = signature
        let bytes = try entry.encoded()
        #expect(bytes == (try page.block("signed-entry-1")))
        let leaf = SHA256.hash(prefix: 0x00, bytes.span)
        #expect(leaf == (try page.digest("signed-leaf-1")))
    }

    @Test func `the genesis of the page that names a key is the one that the code makes`() throws {
        let incarnation = try #require(EventID(uuid: "0198c0de-4a00-7a3b-8c1d-2e3f40516273"))
        let genesis = Genesis(origin: try Origin("records.example.gov/permits"), incarnation: incarnation)
        let event = genesis.event(authorities: [try Genesis.AuthorityKey(key.publicKey)])
        let text = String(decoding: try #require(event.payload).bytes, as: UTF8.self)
        #expect(page.text.contains("\n\(text)\n"))
    }

    @Test func `the events of the page are read, and written in the same way`() throws {
        let lines = page.text.split(separator: "\n").filter { $0.hasPrefix("{\"") && !$0.contains("\"origin\"") }
        #expect(lines.count == TrustEvent.types.count)
        for (type, line) in zip(TrustEvent.types, lines) {
            let event = try TrustEvent(type: type, payload: Array(line.utf8))
            #expect(event.type == type)
            #expect(String(decoding: event.payload, as: UTF8.self) == line)
            #expect(page.text.contains("| `\(type)` | `"))
        }
    }

    @Test func `the algorithms of the page are those of the code`() {
        for algorithm in SignatureAlgorithm.all {
            let row = "| \(algorithm.rawValue) | `\(algorithm.name)` | "
            let line = page.text.split(separator: "\n").first { $0.hasPrefix(row) }
            #expect(line?.contains("\(algorithm.publicKeyByteCount ?? 0) bytes") == true, "\(algorithm)")
        }
        #expect(AppendMessage.maximumCount == 10_000 && page.text.contains("`count` is at most 10,000"))
    }
}
