import Digests
import Foundation
import Signing
import Testing

/// Signatures that others have published.
@Suite struct VectorTests {
    struct Wycheproof: Decodable {
        struct Group: Decodable {
            struct Key: Decodable { let pk: String }
            struct Case: Decodable {
                let tcId: Int
                let comment: String
                let msg: String
                let sig: String
                let result: String
            }
            let publicKey: Key
            let publicKeyDer: String
            let publicKeyPem: String
            let tests: [Case]
        }
        let numberOfTests: Int
        let testGroups: [Group]
    }

    private static let file = "wycheproof/ed25519_test.json"

    @Test(.enabled(if: Vectors.has(file), "needs \(file) of the vectors"))
    func `every Wycheproof signature of Ed25519 is judged as published`() throws {
        let vectors = try Vectors.decode(Wycheproof.self, from: Self.file)
        var (right, wrong) = (0, 0)
        for group in vectors.testGroups {
            let bytes = try #require(Hex.decode(group.publicKey.pk))
            let key = try PublicKey(algorithm: .ed25519, bytes: bytes)
            #expect(Hex.encode(key.spki) == group.publicKeyDer)
            #expect(try PublicKey(pem: Array(group.publicKeyPem.utf8)) == key)
            for test in group.tests {
                let message = try #require(Hex.decode(test.msg))
                let signature = try #require(Hex.decode(test.sig))
                let isRight = key.verify(signature, over: message)
                #expect(isRight == (test.result == "valid"), "case \(test.tcId): \(test.comment)")
                if isRight { right += 1 } else { wrong += 1 }
            }
        }
        #expect(right + wrong == vectors.numberOfTests)
        #expect(right > 50 && wrong > 50, "\(right) right and \(wrong) wrong ones were read")
    }

    struct Known: Sendable, CustomTestStringConvertible {
        let seed, publicKey, message, signature: String
        var testDescription: String { "the key \(publicKey.prefix(8))…" }
    }

    /// RFC 8032 §7.1, tests 1 to 3.
    static let known = [
        Known(
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", message: "",
            signature:
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b"),
        Known(
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", message: "72",
            signature:
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00"),
        Known(
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", message: "af82",
            signature:
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a"),
    ]

    @Test(arguments: known) func `a seed of RFC 8032 gives its public key and its one signature`(vector: Known) throws {
        let key = try PrivateKey(ed25519Seed: #require(Hex.decode(vector.seed)))
        #expect(Hex.encode(key.publicKey.bytes) == vector.publicKey)
        let message = try #require(Hex.decode(vector.message))
        let signatures = [try key.sign(message.span), try key.sign(message.span)]
        #expect(signatures.map { Hex.encode($0) } == [vector.signature, vector.signature])
        #expect(key.publicKey.verify(signatures[0], over: message))
    }

    @Test func `the signature of RFC 6979 on P-256 is right, and with s turned to its negative too`() throws {
        // RFC 6979 §A.2.5, with SHA-256, message "sample"; the second s is the group's order less the first.
        let point =
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
        let first = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        let seconds = [
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
            "0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9",
        ]
        let key = try PublicKey(algorithm: .ecdsaP256, bytes: #require(Hex.decode(point)))
        for second in seconds {
            let signature = try #require(Hex.decode(first + second))
            #expect(key.verify(signature, over: Array("sample".utf8)))
            #expect(!key.verify(signature, over: Array("sampl".utf8)))
        }
    }
}
