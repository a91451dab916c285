internal import EventFormat
internal import JSON
internal import Signing

extension Command {
    static let keyMake = Command(
        "key make", "Make a private key and the public key beside it",
        usage: "FILE [--algorithm ed25519|ecdsa-p256] [--passphrase-file F] [--json]",
        details: """
            Writes the private key to FILE, which only you may read (PKCS#8 PEM, mode 0600), and the public key to FILE.pub.
            Neither may exist. Keep FILE away from the ledger and its backups: whoever has it signs in its name.
            """,
        options: [
            Option("algorithm", "A", "ed25519 (the default) or ecdsa-p256"),
            Option("passphrase-file", "F", "encrypt FILE with the passphrase that this file holds"), .json,
        ], operands: 1...1
    ) { arguments in
        let name = arguments.string("algorithm") ?? SignatureAlgorithm.ed25519.name
        guard let algorithm = SignatureAlgorithm(name: name) else {
            throw arguments.usage("--algorithm takes ed25519 or ecdsa-p256, not \"\(name.escapingControls)\"")
        }
        let path = arguments.operands[0]
        let passphrase = try arguments.string("passphrase-file").map(KeyReference.passphrase)
        let key = try PrivateKey.generate(algorithm)
        try key.write(file: path, passphrase: passphrase)
        if arguments.json {
            var object = JSONObject()
            object.add("id", key.publicKey.id.hex)
            object.add("algorithm", algorithm.name)
            object.add("private", path)
            object.add("public", "\(path).pub")
            Output.line(object.bytes)
        } else {
            Output.line("made \(path.escapingControls), \(algorithm), and \(path.escapingControls).pub")
            Output.line("key id \(key.publicKey.id)")
        }
    }
}
