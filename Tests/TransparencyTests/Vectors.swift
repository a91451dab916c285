import Digests
import Foundation
import Merkle
import Signing
import Testing
import Transparency

/// The public test vectors: the folder named by MOHUR_VECTORS, or ../shared/vectors beside the package.
enum Vectors {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["MOHUR_VECTORS"] { return URL(fileURLWithPath: path) }
        let package = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return package.deletingLastPathComponent().appendingPathComponent("shared/vectors")
    }()

    static func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    static func decode<T: Decodable>(_ type: T.Type, from path: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(path)))
    }
}

/// The error that `body` throws, or nil.
func refusal<T>(_ body: () throws -> T) -> TransparencyError? {
    do {
        _ = try body()
        return nil
    } catch { return error as? TransparencyError }
}

/// The code of the error that `body` throws, or nil.
func refusalCode<T>(_ body: () throws -> T) -> TransparencyError.Code? { refusal(body)?.code }

extension String {
    var bytes: [UInt8] { Array(utf8) }
}

/// Keys that everybody may know: the seed is one byte 32 times.
enum TestKeys {
    static func signer(_ number: UInt8) throws -> PrivateKey {
        try PrivateKey(ed25519Seed: [UInt8](repeating: number, count: 32))
    }

    static func log(_ name: String, _ number: UInt8) throws -> NoteKey {
        try NoteKey(name: KeyName(name), publicKey: signer(number).publicKey)
    }

    static func witness(_ name: String, _ number: UInt8) throws -> Cosigner {
        try Cosigner(name: KeyName(name), signer: signer(number))
    }

    /// A note with one signature of the Ed25519 key `number`.
    static func note(_ text: String, by name: String, _ number: UInt8) throws -> SignedNote {
        let (signer, key) = (try signer(number), try log(name, number))
        let signature = try signer.sign(text.bytes.span)
        return try SignedNote(
            text: text.bytes, signatures: [NoteSignature(name: key.name, keyID: key.id, signature: signature)])
    }

    /// A checkpoint of `origin` signed by the key `number`.
    static func checkpoint(
        _ origin: String = "records.example.gov/permits", size: UInt64 = 3, root: [UInt8]? = nil, by number: UInt8 = 1
    ) throws -> SignedCheckpoint {
        let root = root.flatMap { Digest(bytes: $0) } ?? Digest(copying: [UInt8](repeating: 7, count: 32).span)
        return try Checkpoint(origin: LogOrigin(origin), size: .init(size), root: root).signed(by: signer(number))
    }
}
