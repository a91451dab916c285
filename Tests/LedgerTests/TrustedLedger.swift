import Ledger

/// Keys for tests, made once: of the authority, of two sources, and of a stranger.
struct Keys: Sendable {
    static let intake = "https://permits.example.gov/intake"
    static let archive = "urn:example:archive"

    let authority: PrivateKey
    let intake: PrivateKey
    let archive: PrivateKey
    let stranger: PrivateKey

    init(_ algorithm: SignatureAlgorithm = .ed25519) throws {
        authority = try .generate()
        intake = try .generate(algorithm)
        archive = try .generate(algorithm)
        stranger = try .generate(algorithm)
    }

    /// Tells the ledger of the two sources and their keys.
    func register(in ledger: Ledger) async throws {
        try await ledger.record(
            [
                .sourceRegistered(SourceName(Keys.intake), name: "Intake", keys: [intake.publicKey]),
                .sourceRegistered(SourceName(Keys.archive), name: nil, keys: [archive.publicKey]),
            ], signedBy: authority)
    }
}

extension Store {
    /// Calls `body` with a new ledger that knows the sources of `keys`; entries 0 to 2 are its own.
    func withTrustedLedger<R>(
        _ keys: Keys, _ options: LogOptions = LogOptions(), _ body: (Ledger) async throws -> R
    ) async throws -> R {
        try await withLedger(options, authorities: [keys.authority.publicKey]) { ledger in
            try await keys.register(in: ledger)
            return try await body(ledger)
        }
    }
}

/// A small event of a source.
func note(of source: String, _ text: String = "x", type: String = "note.made", id: EventID = EventID()) -> Event {
    Event(id: id, type: type, source: source, payload: .json("{\"note\":\"\(text)\"}"))
}

/// Signs something else than it is given.
struct FaultySigner: Signer {
    let key: PrivateKey
    let alter: @Sendable ([UInt8]) -> [UInt8]

    var publicKey: PublicKey { key.publicKey }

    func sign(_ message: Span<UInt8>) throws(SigningError) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in message.indices { bytes.append(message[index]) }
        let altered = alter(bytes)
        return try key.sign(altered.span)
    }
}

/// A token that was taken out.
struct AbsentSigner: Signer {
    let publicKey: PublicKey

    func sign(_ message: Span<UInt8>) throws(SigningError) -> [UInt8] {
        throw SigningError(.signingFailed, "the token is not there: put it in")
    }
}
