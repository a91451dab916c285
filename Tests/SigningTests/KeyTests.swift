import Digests
import Signing
import Testing

/// Keys in memory: making, naming, signing, verifying.
@Suite struct KeyTests {
    private static let message = Array("the mayor signs".utf8)

    @Test(arguments: SignatureAlgorithm.all)
    func `a new key's signature is right for its message and for no other`(algorithm: SignatureAlgorithm) throws {
        let key = try PrivateKey.generate(algorithm)
        let signature = try key.sign(Self.message.span)
        #expect(key.publicKey.algorithm == algorithm)
        #expect(signature.count == 64)
        #expect(key.publicKey.verify(signature, over: Self.message))
        #expect(!key.publicKey.verify(signature, over: Self.message + [0]))
        #expect(try !PrivateKey.generate(algorithm).publicKey.verify(signature, over: Self.message))
    }

    @Test(arguments: SignatureAlgorithm.all)
    func `no signature with a bit turned over, cut short or made longer is right`(algorithm: SignatureAlgorithm) throws
    {
        let key = try PrivateKey.generate(algorithm)
        let signature = try key.sign(Self.message.span)
        for bit in 0..<512 {
            var changed = signature
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!key.publicKey.verify(changed, over: Self.message), "bit \(bit)")
        }
        for count in 0..<64 { #expect(!key.publicKey.verify(Array(signature[..<count]), over: Self.message)) }
        #expect(!key.publicKey.verify(signature + [0], over: Self.message))
        #expect(!key.publicKey.verify([UInt8](repeating: 0, count: 64), over: Self.message))
        #expect(!key.publicKey.verify([UInt8](repeating: 0xff, count: 64), over: Self.message))
    }

    @Test func `messages of no byte and of a megabyte are signed`() throws {
        for algorithm in SignatureAlgorithm.all {
            let key = try PrivateKey.generate(algorithm)
            for message in [[], [UInt8](repeating: 7, count: 1 << 20)] {
                let signature = try key.sign(message.span)
                #expect(key.publicKey.verify(signature, over: message))
            }
        }
    }

    @Test func `many signatures of P-256 have 64 bytes, whatever zeros their numbers begin with`() throws {
        let key = try PrivateKey.generate(.ecdsaP256)
        var short = 0
        for number in 0..<1_500 {
            let message = Array("\(number)".utf8)
            let signature = try key.sign(message.span)
            #expect(signature.count == 64)
            #expect(key.publicKey.verify(signature, over: message))
            if signature[0] == 0 || signature[32] == 0 { short += 1 }
        }
        #expect(short > 0, "of 3,000 numbers some 12 begin with a zero byte")
    }

    @Test func `a key's id is the hash of its kind and its bytes`() throws {
        let key = try PrivateKey.generate().publicKey
        let named = Array("mohur/key/v1".utf8) + [1] + key.bytes
        let digest = SHA256.hash(named.span)
        #expect(key.id.bytes == digest.bytes)
        #expect(key.id.hex == digest.hex)
        #expect(KeyID(hex: key.id.hex) == key.id)
        #expect(KeyID(hex: key.id.hex + "00") == nil)
        #expect(KeyID(hex: String(key.id.hex.dropLast())) == nil)
        #expect(KeyID(bytes: key.id.bytes) == key.id)
        #expect(KeyID(algorithm: .ecdsaP256, publicKey: key.bytes) != key.id, "the kind is part of the id")
    }

    @Test func `a public key of another length, kind or curve is refused by name`() throws {
        let ed = try PrivateKey.generate().publicKey.bytes
        let p256 = try PrivateKey.generate(.ecdsaP256).publicKey.bytes
        var offCurve = p256
        offCurve[64] ^= 1
        var hybrid = p256
        hybrid[0] = 0x06 | (p256[64] & 1)
        let malformed = SigningError(.malformedPublicKey, "")
        for bytes in [[], ed.dropLast(), ed + [0], p256] {
            #expect(throws: malformed) { try PublicKey(algorithm: .ed25519, bytes: Array(bytes)) }
        }
        for bytes in [[], ed, p256.dropLast(), offCurve, hybrid, [UInt8](repeating: 0, count: 65)] {
            #expect(throws: malformed) { try PublicKey(algorithm: .ecdsaP256, bytes: Array(bytes)) }
        }
        #expect(throws: SigningError(.unknownAlgorithm, "")) {
            try PublicKey(algorithm: SignatureAlgorithm(rawValue: 3), bytes: ed)
        }
        #expect(throws: SigningError(.unknownAlgorithm, "")) {
            try PrivateKey.generate(SignatureAlgorithm(rawValue: 0))
        }
    }

    @Test func `32 bytes that are no point of Ed25519 verify nothing`() throws {
        let key = try PrivateKey.generate()
        let signature = try key.sign(Self.message.span)
        // No x on the curve has these y.
        for y in [2, 7, 8] as [UInt8] {
            let other = try PublicKey(algorithm: .ed25519, bytes: [y] + [UInt8](repeating: 0, count: 31))
            #expect(!other.verify(signature, over: Self.message))
        }
    }

    @Test func `algorithms have names and numbers`() {
        #expect(SignatureAlgorithm(name: "ed25519") == .ed25519)
        #expect(SignatureAlgorithm(name: "ecdsa-p256") == .ecdsaP256)
        #expect(SignatureAlgorithm(name: "rsa") == nil)
        #expect(SignatureAlgorithm.all.map(\.rawValue) == [1, 2])
        #expect(SignatureAlgorithm(rawValue: 9).publicKeyByteCount == nil)
    }

    @Test func `one key signs and verifies on many threads at a time`() async throws {
        for algorithm in SignatureAlgorithm.all {
            let key = try PrivateKey.generate(algorithm)
            let right = await withTaskGroup(of: Int.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        (0..<50).count { number in
                            let message = Array("\(task) \(number)".utf8)
                            guard let signature = try? key.sign(message.span) else { return false }
                            return key.publicKey.verify(signature, over: message)
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(right == 400)
        }
    }
}
