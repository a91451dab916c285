import Foundation
import Signing
import Testing

/// Keys in files.
@Suite struct FileTests {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    private func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
    }

    @Test func `a key is written for its owner alone, the public one beside it`() throws {
        let key = try PrivateKey.generate()
        try key.write(file: folder.file("key"))
        #expect(try mode("key") == 0o600)
        #expect(try mode("key.pub") == 0o644)
        #expect(try PrivateKey(file: folder.file("key")).publicKey == key.publicKey)
        #expect(try PublicKey(file: folder.file("key.pub")) == key.publicKey)
    }

    @Test func `a key's file with a passphrase opens with it only`() throws {
        let key = try PrivateKey.generate(.ecdsaP256)
        let secret = Array("s3cret ü".utf8)
        try key.write(file: folder.file("key"), passphrase: secret)
        #expect(try PrivateKey(file: folder.file("key"), passphrase: secret).publicKey == key.publicKey)
        let error = #expect(throws: SigningError(.passphraseMissing, "")) {
            try PrivateKey(file: folder.file("key"))
        }
        #expect(error?.reason.contains(folder.file("key")) == true, "the text names the file")
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o620, 0o601, 0o660, 0o777])
    func `a file that others may reach is refused with the remedy`(mode: Int) throws {
        let path = folder.file("key")
        try folder.write(PrivateKey.generate().pem(), to: "key", mode: mode)
        let error = #expect(throws: SigningError(.openToOthers, "")) { try PrivateKey(file: path) }
        #expect(error?.reason.contains("chmod 600 \(path)") == true)
        #expect(error?.reason.contains("0\(String(mode, radix: 8))") == true)
    }

    @Test(arguments: [0o600, 0o400]) func `a file of the owner's is read`(mode: Int) throws {
        try folder.write(PrivateKey.generate().pem(), to: "key", mode: mode)
        #expect(try PrivateKey(file: folder.file("key")).publicKey.bytes.count == 32)
    }

    @Test func `a key is never replaced, and nothing is written when its public file is there`() throws {
        let key = try PrivateKey.generate()
        try key.write(file: folder.file("key"))
        let before = try folder.bytes("key")
        let exists = SigningError(.fileExists, "")
        #expect(throws: exists) { try PrivateKey.generate().write(file: folder.file("key")) }
        try FileManager.default.removeItem(atPath: folder.file("key.pub"))
        #expect(throws: exists) { try PrivateKey.generate().write(file: folder.file("key")) }
        #expect(try folder.bytes("key") == before)
        try folder.write([1], to: "other.pub")
        #expect(throws: exists) { try key.write(file: folder.file("other")) }
        #expect(!FileManager.default.fileExists(atPath: folder.file("other")))
    }

    @Test func `no private key is written when its public file is a link to nowhere`() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("key.pub"), withDestinationPath: folder.file("nowhere"))
        #expect(throws: SigningError(.fileExists, "")) { try PrivateKey.generate().write(file: folder.file("key")) }
        #expect(!FileManager.default.fileExists(atPath: folder.file("key")))
    }

    @Test func `missing files, folders and files that are too large are told apart`() throws {
        #expect(throws: SigningError(.fileMissing, "")) { try PrivateKey(file: folder.file("none")) }
        #expect(throws: SigningError(.inputOutput, "")) { try PrivateKey(file: folder.path) }
        try folder.write([UInt8](repeating: 0x20, count: 100_000), to: "large")
        #expect(throws: SigningError(.inputOutput, "")) { try PrivateKey(file: folder.file("large")) }
        #expect(throws: SigningError(.fileMissing, "")) { try PublicKey(file: folder.file("none")) }
    }
}
