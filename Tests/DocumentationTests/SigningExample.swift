import Ledger

func recordSigned(at path: String, keys: String) async throws {
    // Keys are files outside of the ledger, made by `mohur key make` or by PrivateKey.generate().write(file:).
    let authority = try PrivateKey(file: "\(keys)/authority")
    let intake = try PrivateKey(file: "\(keys)/intake")
    let ledger = try await Ledger.create(
        at: path, origin: Origin("records.example.gov/permits"), authorities: [authority.publicKey])

    // From the next entry on only this key records in the name of this source.
    let source = try SourceName("https://permits.example.gov/intake")
    try await ledger.record(
        .sourceRegistered(source, name: "Permits intake", keys: [intake.publicKey]), signedBy: authority)

    // One signature for an append, however many events it has.
    let stream: StreamName = "application-0198c0de"
    let received = Event(type: "application.received", source: source.text)
    try await ledger.append([received], to: stream, expecting: .none, signedBy: intake)

    do {
        try await ledger.append([Event(type: "application.refused", source: source.text)], to: stream)
    } catch {
        guard error.code == .signatureRequired else { throw error }
        print(error)
    }
    await ledger.close()
}
