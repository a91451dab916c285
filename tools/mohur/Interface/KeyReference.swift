internal import EventFormat
internal import Files
internal import Signing
internal import Tokens

/// Keys as the command line names them.
enum KeyReference {
    /// The signer of a private key: a PEM file of mode 0600.
    static func signer(_ text: String, passphraseFile: String?) throws -> any Signer {
        if text.hasPrefix("pkcs11:") {
            guard passphraseFile == nil else {
                throw Failure(.usage, "a key in a token has no passphrase; name its PIN with pin-source= in the URI")
            }
            return try TokenSigner(PKCS11URI(text))
        }
        let passphrase = try passphraseFile.map(passphrase)
        do throws(SigningError) {
            return try PrivateKey(file: text, passphrase: passphrase)
        } catch {
            guard error.code == .openToOthers, (try? PublicKey(file: text)) != nil else { throw error }
            throw Failure(
                .refused,
                "\(text.escapingControls) is a public key; give the private one, which stands beside it without .pub")
        }
    }

    /// The first line of a file, whose line break does not count.
    static func passphrase(_ path: String) throws -> [UInt8] {
        var bytes = try DurableFile.read(path, atMost: PrivateKey.passphraseLimit + 2)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty, !bytes.contains(UInt8(ascii: "\n")) else {
            throw Failure(
                .refused, "\(path.escapingControls) does not hold a passphrase: write it there as the only line")
        }
        return bytes
    }

    /// The id that 64 hexadecimal digits spell, or that of the public key in a PEM file.
    static func id(_ text: String) throws -> KeyID {
        if let id = KeyID(hex: text.lowercased()) { return id }
        return try PublicKey(file: text).id
    }
}

extension Option {
    static let key = Option(
        "key", "KEY", "the private key to sign with: a PEM file, or the pkcs11: URI of one in a token")
    static let authorityKey = Option(
        "key", "KEY", "the private key of an authority: a PEM file, or a pkcs11: URI (required)")
    static let passphrase = Option("passphrase-file", "F", "the file that holds the passphrase of KEY")
}

extension Arguments {
    /// The signer that `--key` names; nil when the option is not there.
    func signer() throws -> (any Signer)? {
        guard let key = string("key") else {
            guard !has("passphrase-file") else { throw usage("--passphrase-file goes with --key") }
            return nil
        }
        return try KeyReference.signer(key, passphraseFile: string("passphrase-file"))
    }

    func requiredSigner() throws -> any Signer {
        _ = try required("key")
        guard let signer = try signer() else { throw usage("--key is missing") }
        return signer
    }
}
