import Ledger

func fileDocument(at path: String, keys: String, scan: String) async throws {
    let authority = try PrivateKey(file: "\(keys)/authority")
    let ledger = try await Ledger.create(
        at: path, origin: Origin("records.example.gov/permits"), authorities: [authority.publicKey])

    // A document is stored once, by its SHA-256, and named in payloads: first the document, then the event.
    let document = try await ledger.store(contentOf: scan)
    let filed = Event(
        type: "document.filed", source: "https://permits.example.gov/register",
        payload: .json(#"{"title":"site plan","content":"\#(document.name)"}"#))
    try await ledger.append([filed], to: "document-2026-0001", expecting: .none)

    // What must go, goes, and it is recorded by whose authority; the entry stays, and the chain stays whole.
    _ = try await ledger.remove(
        contents: [document.name], authority: "order 2031/4", schedule: "site plans, 20 years", signedBy: authority)
    _ = try await ledger.remove(payloads: [1], authority: "order 2031/4", signedBy: authority)
    await ledger.close()
}
