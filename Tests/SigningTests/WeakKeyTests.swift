import Digests
import Signing
import Testing

/// Keys of Ed25519 that others read in other ways, or that anybody can sign with.
@Suite struct WeakKeyTests {
    /// The eight points whose order divides 8.
    static let smallOrder = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ]
    /// Two of them again, with the sign of an x that is zero.
    static let zeroWithSign = [
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ]

    @Test(arguments: smallOrder + zeroWithSign)
    func `a key under which anybody can sign is refused by name`(key: String) throws {
        let bytes = try #require(Hex.decode(key))
        let error = #expect(throws: SigningError(.weakPublicKey, "")) {
            try PublicKey(algorithm: .ed25519, bytes: bytes)
        }
        #expect(error?.reason.contains("ask for another key") == true)
        let head: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
        #expect(throws: SigningError(.weakPublicKey, "")) { try PublicKey(spki: head + bytes) }
    }

    @Test(arguments: 0..<19, [0x7f, 0xff] as [UInt8])
    func `a key whose number is not below the field's prime is refused`(number: UInt8, last: UInt8) {
        let bytes = [0xed + number] + [UInt8](repeating: 0xff, count: 30) + [last]
        #expect(throws: SigningError(.malformedPublicKey, "")) { try PublicKey(algorithm: .ed25519, bytes: bytes) }
    }

    @Test(arguments: [0x7f, 0xff] as [UInt8])
    func `the greatest numbers below the field's prime are taken`(last: UInt8) throws {
        for first in [0xeb, 0xea, 0x00] as [UInt8] {
            let bytes = [first] + [UInt8](repeating: 0xff, count: 30) + [last]
            #expect(try PublicKey(algorithm: .ed25519, bytes: bytes).bytes == bytes)
        }
    }

    /// The key a·B + T, where T has order 8. Both signatures are right with the factor 8 that RFC 8032 allows.
    @Test func `a signature that is right only after multiplying by the cofactor is wrong`() throws {
        let bytes = try #require(Hex.decode("988b8b06afc3abd50c44e1396f4587342176485abb80721cfde8385f5e9320ce"))
        let key = try PublicKey(algorithm: .ed25519, bytes: bytes)
        let with = try #require(
            Hex.decode(
                "43218dd9c3618eaad6243ae0028c05bf338edbfb85cdfa1a83021aee5ebdc502"
                    + "ddbabc9cbe37e46011d0399bef751df5255cd9c7c8b4b69512e89765bda4130a"))
        #expect(!key.verify(with, over: Array("cofactor 0".utf8)))
        let without = try #require(
            Hex.decode(
                "da6e3827c5b4c39a3c2c1b2a22530630ec84ee44be6156b81de66e7fb9e33b42"
                    + "2128a44111e8ea68481b1161b2f6159f9beb413cee82cc57eb87ee9e9c6a5c04"))
        #expect(key.verify(without, over: Array("cofactor 25".utf8)))
    }
}
