import EventFormat
import Keyring
import Signing
import Transparency

/// Keys from fixed seeds, so that a failing test fails again.
enum TestKeys {
    static func key(_ number: UInt8) throws -> PrivateKey {
        try PrivateKey(ed25519Seed: [UInt8](repeating: number, count: 32))
    }

    /// A witness's key as text.
    static func vkey(_ number: UInt8, name: String = "witness.example.gov") throws -> String {
        try NoteKey.cosigner(name: KeyName(name), publicKey: key(number).publicKey).vkey
    }

    static func witness(_ number: UInt8) throws -> TrustEvent {
        .witnessRegistered(try TrustEvent.Witness(vkey: vkey(number), url: "https://witness.example.gov/"))
    }
}

/// What `body` throws, or nil.
func refusal(_ body: () throws -> Void) -> KeyringError? {
    do {
        try body()
        return nil
    } catch let error as KeyringError {
        return error
    } catch {
        return KeyringError(.malformed, "another error: \(error)")
    }
}

enum NoteKeyText {
    /// A log's key as text, of type 01.
    static func log(_ name: String, _ key: PublicKey) throws -> String {
        try NoteKey(name: KeyName(name), publicKey: key).vkey
    }
}
