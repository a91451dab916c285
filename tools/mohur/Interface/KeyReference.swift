internal import EventFormat
internal import Signing
internal import Tokens

/// Keys as the command line names them.
enum KeyReference {
    /// The signer of a private key: a PEM file of mode 0600, or the key in a token that a `pkcs11:` URI names.
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

    /// The first line of a file that only its owner can read.
    static func passphrase(_ path: String) throws(SigningError) -> [UInt8] { try SecretSource.file(path).read() }

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
    static let logKey = Option(
        "key", "KEY",
        "the log's private key: a PEM file, or a pkcs11: URI; without it, what the variable MOHUR_LOG_KEY names")
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

    /// The signer of checkpoints that `--key` names, or else the environment: timers and scripts say it once.
    func logSigner() throws -> any Signer {
        let variable = "MOHUR_LOG_KEY"
        if has("key") { return try requiredSigner() }
        guard let key = try CommandWords.environment(variable) else {
            throw usage("--key is missing, and the variable \(variable) is not set")
        }
        do { return try KeyReference.signer(key, passphraseFile: string("passphrase-file")) } catch {
            let failure = Failure(error)
            throw Failure(failure.code, "\(variable): \(failure.message)")
        }
    }

    func requiredSigner() throws -> any Signer {
        _ = try required("key")
        guard let signer = try signer() else { throw usage("--key is missing") }
        return signer
    }
}
