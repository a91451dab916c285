import Digests
import Foundation
import Signing
import TestSupport
import Testing

/// Keys as text: PKCS#8 and SubjectPublicKeyInfo in PEM.
@Suite struct EncodingTests {
    private static let secret = Array("correct horse".utf8)

    @Test(arguments: SignatureAlgorithm.all)
    func `a key is read back from its text, plain and encrypted`(algorithm: SignatureAlgorithm) throws {
        let key = try PrivateKey.generate(algorithm)
        #expect(try PrivateKey(pem: key.pem()).publicKey == key.publicKey)
        #expect(try PublicKey(pem: Array(key.publicKey.pem.utf8)) == key.publicKey)
        #expect(try PublicKey(spki: key.publicKey.spki) == key.publicKey)

        let sealed = try key.pem(passphrase: Self.secret)
        #expect(String(decoding: sealed, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
        #expect(try PrivateKey(pem: sealed, passphrase: Self.secret).publicKey == key.publicKey)
        #expect(throws: SigningError(.passphraseMissing, "")) { try PrivateKey(pem: sealed) }
        for wrong in [[], Self.secret + [1], Array("Correct horse".utf8), [UInt8](repeating: 1, count: 5_000)] {
            #expect(throws: SigningError(.wrongPassphrase, "")) { try PrivateKey(pem: sealed, passphrase: wrong) }
        }
        #expect(try key.pem(passphrase: Self.secret) != sealed, "each file has a salt of its own")
    }

    @Test func `a passphrase that goes on behind the limit does not open a key`() throws {
        let key = try PrivateKey.generate()
        let secret = [UInt8](repeating: 0x61, count: PrivateKey.passphraseLimit)
        let text = try key.pem(passphrase: secret)
        #expect(try PrivateKey(pem: text, passphrase: secret).publicKey == key.publicKey)
        for longer in [secret + [0x61], secret + [0x61, 0x62]] {
            #expect(throws: SigningError(.wrongPassphrase, "")) { try PrivateKey(pem: text, passphrase: longer) }
        }
    }

    @Test func `an empty or endless passphrase is refused`() throws {
        let key = try PrivateKey.generate()
        for passphrase in [[], [UInt8](repeating: 1, count: PrivateKey.passphraseLimit + 1)] {
            #expect(throws: SigningError(.wrongPassphrase, "")) { try key.pem(passphrase: passphrase) }
        }
        let longest = [UInt8](repeating: 1, count: PrivateKey.passphraseLimit)
        #expect(try PrivateKey(pem: key.pem(passphrase: longest), passphrase: longest).publicKey == key.publicKey)
    }

    @Test(.enabled(if: OpenSSL.isThere, "needs the program openssl"), arguments: SignatureAlgorithm.all)
    func `openssl reads what is written, and signs what is verified here`(algorithm: SignatureAlgorithm) throws {
        let folder = try Scratch()
        let key = try PrivateKey.generate(algorithm)
        try folder.write(key.pem(passphrase: Self.secret), to: "key")
        try folder.write(Self.secret, to: "secret")
        let spki = try OpenSSL.run(
            "pkey", "-in", folder.file("key"), "-passin", "file:\(folder.file("secret"))", "-pubout", "-outform", "DER")
        #expect(spki.map(Array.init) == key.publicKey.spki)
        let text = try OpenSSL.run("asn1parse", "-in", folder.file("key"))
        let words = try #require(text.map { String(decoding: $0, as: UTF8.self) })
        for word in ["PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc", ":0927C0"] { #expect(words.contains(word)) }
    }

    @Test(.enabled(if: OpenSSL.isThere, "needs the program openssl"))
    func `keys that openssl makes are read, others are named`() throws {
        let folder = try Scratch()
        let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        let reads: [(name: String, options: [String], expected: SignatureAlgorithm?)] = [
            ("ed", ["-algorithm", "ED25519"], .ed25519),
            ("ec", curve, .ecdsaP256),
            ("compressed", curve + ["-pkeyopt", "point-format:compressed"], .ecdsaP256),
            ("rsa", ["-algorithm", "RSA"], nil),
            ("p384", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], nil),
            ("x25519", ["-algorithm", "X25519"], nil),
            ("ed448", ["-algorithm", "ED448"], nil),
        ]
        for (name, options, expected) in reads {
            let text = try #require(try Self.openssl(["genpkey"] + options), "\(name)")
            try folder.write(text, to: name)
            guard let expected else {
                #expect(throws: SigningError(.malformedPrivateKey, ""), "\(name)") { try PrivateKey(pem: text) }
                continue
            }
            let key = try PrivateKey(pem: text)
            #expect(key.publicKey.algorithm == expected)
            #expect(key.publicKey.bytes.count == expected.publicKeyByteCount)
        }
        let old = try #require(try OpenSSL.run("ec", "-in", folder.file("ec")).map(Array.init))
        let error = #expect(throws: SigningError.self) { try PrivateKey(pem: old) }
        #expect(error?.reason.contains("openssl pkcs8 -topk8") == true)
    }

    private static func openssl(_ arguments: [String]) throws -> [UInt8]? {
        switch arguments.count {
        case 3: try OpenSSL.run(arguments[0], arguments[1], arguments[2]).map(Array.init)
        case 5: try OpenSSL.run(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]).map(Array.init)
        default:
            try OpenSSL.run(
                arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5], arguments[6]
            ).map(Array.init)
        }
    }

    @Test(.enabled(if: OpenSSL.isThere, "needs the program openssl"), arguments: ["scrypt", "cheap", "dear", "old"])
    func `other ways of encrypting are read or refused, never waited for`(way: String) throws {
        let folder = try Scratch()
        try folder.write(PrivateKey.generate().pem(), to: "key")
        try folder.write(Self.secret, to: "secret")
        func encrypt(_ options: String...) throws -> [UInt8]? {
            let common = ["-topk8", "-in", folder.file("key"), "-passout", "file:\(folder.file("secret"))"]
            let all = ["pkcs8"] + common + options
            return try all.count == 7
                ? OpenSSL.run(all[0], all[1], all[2], all[3], all[4], all[5], all[6]).map(Array.init)
                : OpenSSL.run(all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]).map(Array.init)
        }
        let plain = try PrivateKey(pem: folder.bytes("key")).publicKey
        switch way {
        case "scrypt":
            let text = try #require(try encrypt("-scrypt"))
            #expect(try PrivateKey(pem: text, passphrase: Self.secret).publicKey == plain)
        case "cheap":
            let text = try #require(try encrypt("-iter", "1000"))
            #expect(try PrivateKey(pem: text, passphrase: Self.secret).publicKey == plain)
        case "dear":
            let text = try #require(try encrypt("-iter", "1000"))
            // The iteration count 1000 stands in the file as INTEGER 03e8; 4 bytes in its place ask for 2³⁰ rounds.
            let dear = try Self.withIterations(text)
            #expect(throws: SigningError(.encryption, "")) { try PrivateKey(pem: dear, passphrase: Self.secret) }
        default:
            let text = try #require(try encrypt("-v1", "PBE-SHA1-3DES"))
            #expect(throws: SigningError(.encryption, "")) { try PrivateKey(pem: text, passphrase: Self.secret) }
        }
    }

    /// The PEM `text` with PBKDF2's 1,000 rounds made 2³⁰, and the lengths of what holds them grown by two.
    private static func withIterations(_ text: [UInt8]) throws -> [UInt8] {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        var der = try #require(Base64.decode(Array(lines.dropFirst().dropLast().joined().utf8)))
        let place = try #require(der.indices.first { Array(der[$0...].prefix(4)) == [2, 2, 3, 0xe8] })
        der.replaceSubrange(place..<place + 4, with: [2, 4, 0x40, 0, 0, 0])
        // The SEQUENCEs around it, all of lengths below 128 but the outermost.
        var position = 0
        while position < place {
            guard der[position] == 0x30 else {
                position += 2 + Int(der[position + 1])
                continue
            }
            let isLong = der[position + 1] == 0x81
            der[position + (isLong ? 2 : 1)] += 2
            position += isLong ? 3 : 2
        }
        var digits: [UInt8] = []
        Base64.append(der, to: &digits)
        return Array("-----BEGIN ENCRYPTED PRIVATE KEY-----\n".utf8) + digits
            + Array("\n-----END ENCRYPTED PRIVATE KEY-----\n".utf8)
    }

    @Test func `text around a block, other line ends and indents are let pass`() throws {
        let key = try PrivateKey.generate()
        let lines = String(decoding: try key.pem(), as: UTF8.self)
        let crlf = "bag attributes\n\n" + lines.replacingOccurrences(of: "\n", with: "\r\n") + "\r\nend\n"
        #expect(try PrivateKey(pem: Array(crlf.utf8)).publicKey == key.publicKey)
        let indented = lines.split(separator: "\n").map { "  \($0)\t" }.joined(separator: "\n")
        #expect(try PrivateKey(pem: Array(indented.utf8)).publicKey == key.publicKey)
    }

    @Test func `text that is not one key of the kind asked for is refused`() throws {
        let key = try PrivateKey.generate()
        let (text, publicText) = (try key.pem(), Array(key.publicKey.pem.utf8))
        let malformed = SigningError(.malformedPEM, "")
        let refused: [[UInt8]] = [
            [], [0x0a], Array("ssh-ed25519 AAAA".utf8), text + text, Array(text.dropLast(10)), publicText,
            Array("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n".utf8),
            Array("-----BEGIN PRIVATE KEY-----\n****\n-----END PRIVATE KEY-----\n".utf8),
            Array("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PUBLIC KEY-----\n".utf8),
            Array("-----BEGIN -----".utf8), [UInt8](repeating: 0x0a, count: 70_000),
        ]
        for text in refused { #expect(throws: malformed) { try PrivateKey(pem: text) } }
        #expect(throws: malformed) { try PublicKey(pem: text) }
        let error = #expect(throws: SigningError.self) { try PublicKey(pem: text) }
        #expect(error?.reason.contains(".pub") == true)
        #expect(throws: SigningError(.malformedPrivateKey, "")) {
            try PrivateKey(pem: Array("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8))
        }
    }

    @Test func `mutated keys are refused or read, and never crash`() throws {
        var generator = SeededGenerator(seed: printedSeed("mutated keys"))
        let key = try PrivateKey.generate(.ecdsaP256)
        let texts = [try key.pem(), Array(key.publicKey.pem.utf8), try PrivateKey.generate().pem()]
        var refused = 0
        for round in 0..<3_000 {
            var text = texts[round % texts.count]
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<text.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: text[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: text.remove(at: place)
                default: text.removeSubrange(place..<min(text.count, place + 40))
                }
                if text.isEmpty { text = [0] }
            }
            if (try? PrivateKey(pem: text)) == nil, (try? PublicKey(pem: text)) == nil { refused += 1 }
        }
        #expect(refused > 1_000)
    }

    @Test func `mutated DER of a public key is another key or refused`() throws {
        for algorithm in SignatureAlgorithm.all {
            let key = try PrivateKey.generate(algorithm).publicKey
            let spki = key.spki
            for bit in 0..<spki.count * 8 {
                var changed = spki
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                let other = try? PublicKey(spki: changed)
                #expect(other != key)
                #expect(other == nil || other?.spki == changed)
            }
        }
    }
}
