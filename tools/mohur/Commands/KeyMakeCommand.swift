internal import EventFormat
internal import Files
internal import JSON
internal import Signing
internal import Tokens

extension Command {
    static let keyMake = Command(
        "key make", "Make a private key and the public key beside it",
        usage: "FILE [--algorithm ed25519|ecdsa-p256] [--passphrase-file F] [--public FILE] [--json]",
        details: """
            Writes the private key to FILE, which only you may read (PKCS#8 PEM, mode 0600), and the public key to FILE.pub.
            Neither may exist. Keep FILE away from the ledger and its backups: whoever has it signs in its name.
            A pkcs11: URI for FILE makes the key in that token, which it never leaves; --public says where its public
            part goes.
            """,
        options: [
            Option("algorithm", "A", "ed25519 (the default) or ecdsa-p256"),
            Option("passphrase-file", "F", "encrypt FILE with the passphrase that this file holds"),
            Option("public", "FILE", "with a pkcs11: URI: the file for the public key (required)"), .json,
        ], operands: 1...1
    ) { arguments in
        let name = arguments.string("algorithm") ?? SignatureAlgorithm.ed25519.name
        guard let algorithm = SignatureAlgorithm(name: name) else {
            throw arguments.usage("--algorithm takes ed25519 or ecdsa-p256, not \"\(name.escapingControls)\"")
        }
        let place = arguments.operands[0]
        let isToken = PKCS11URI.isMeant(by: place)
        let (key, publicFile) = isToken ? try makeInToken(algorithm, arguments) : try makeFile(algorithm, arguments)
        if arguments.json {
            var object = JSONObject()
            object.add("id", key.id.hex)
            object.add("algorithm", algorithm.name)
            object.add("private", place)
            object.add("public", publicFile)
            Output.line(object.bytes)
        } else {
            Output.line("made \(place.escapingControls), \(algorithm), and \(publicFile.escapingControls)")
            Output.line("key id \(key.id)")
        }
    }

    private static func makeFile(
        _ algorithm: SignatureAlgorithm, _ arguments: Arguments
    ) throws -> (PublicKey, publicFile: String) {
        guard !arguments.has("public") else { throw arguments.usage("--public goes with a pkcs11: URI") }
        try TrustFiles.refuseLedger(of: arguments.operands[0])
        let passphrase = try arguments.string("passphrase-file").map(KeyReference.passphrase)
        let key = try PrivateKey.generate(algorithm)
        try key.write(file: arguments.operands[0], passphrase: passphrase)
        return (key.publicKey, "\(arguments.operands[0]).pub")
    }

    /// The file comes first: a key in a token cannot be taken back.
    private static func makeInToken(
        _ algorithm: SignatureAlgorithm, _ arguments: Arguments
    ) throws -> (PublicKey, publicFile: String) {
        let file = try arguments.required("public")
        guard !arguments.has("passphrase-file") else {
            throw arguments.usage("--passphrase-file does not go with a pkcs11: URI; name the PIN's with pin-source")
        }
        guard !Folder.isFile(file) else { throw Failure(.refused, "\(file.escapingControls) is there already") }
        let key = try TokenSigner.generate(algorithm, try PKCS11URI(arguments.operands[0])).publicKey
        let text = Array(key.pem.utf8)
        try DurableFile.create(file, with: text.span)
        return (key, file)
    }
}
