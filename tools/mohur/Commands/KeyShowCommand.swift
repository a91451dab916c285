internal import EventFormat
internal import Files
internal import JSON
internal import Signing
internal import Tokens
internal import Transparency

extension Command {
    static let keyShow = Command(
        "key show", "Show a key's id and its public part", usage: "FILE [--name NAME] [--passphrase-file F] [--json]",
        details: """
            FILE is a public key or a private one (PEM), or a pkcs11: URI. With --name also shows the verifier keys that
            the key has under that name: one for checkpoints, one for a witness's cosignatures.
            """,
        options: [
            Option("name", "NAME", "the key's name in notes; that of a log key is the ledger's origin"),
            Option("passphrase-file", "F", "the file that holds the passphrase of FILE"), .json,
        ], operands: 1...1
    ) { arguments in
        let key = try publicKey(arguments)
        let name: KeyName?
        do throws(TransparencyError) {
            name = try arguments.string("name").map { text throws(TransparencyError) in try KeyName(text) }
        } catch { throw arguments.usage("--name: \(error.reason)") }
        let note = try name.map { name throws(TransparencyError) in try NoteKey(name: name, publicKey: key) }
        let cosigner = key.algorithm == .ed25519 ? try name.map { try NoteKey.cosigner(name: $0, publicKey: key) } : nil
        guard !arguments.json else {
            var object = JSONObject()
            object.add("id", key.id.hex)
            object.add("algorithm", key.algorithm.name)
            object.add("pem", key.pem)
            if let note { object.add("vkey", note.vkey) }
            if let cosigner { object.add("witnessVkey", cosigner.vkey) }
            return Output.line(object.bytes)
        }
        Output.line("key id       \(key.id)")
        Output.line("algorithm    \(key.algorithm)")
        if let note { Output.line("vkey         \(note.vkey)") }
        if let cosigner { Output.line("witness vkey \(cosigner.vkey)") }
        for line in key.pem.split(separator: "\n") { Output.line(String(line)) }
    }

    /// The public part of the key in a file of either kind.
    private static func publicKey(_ arguments: Arguments) throws -> PublicKey {
        let path = arguments.operands[0]
        if PKCS11URI.isMeant(by: path) { return try TokenSigner(try PKCS11URI(path)).publicKey }
        do throws(SigningError) {
            return try PublicKey(file: path)
        } catch {
            guard error.code == .malformedPEM, holdsPrivateKey(path) else { throw error }
            let passphrase = try arguments.string("passphrase-file").map(KeyReference.passphrase)
            return try PrivateKey(file: path, passphrase: passphrase).publicKey
        }
    }

    private static func holdsPrivateKey(_ path: String) -> Bool {
        let bytes = (try? DurableFile.read(path, atMost: 1 << 16)) ?? []
        return String(decoding: bytes, as: UTF8.self).contains("PRIVATE KEY-----")
    }
}
