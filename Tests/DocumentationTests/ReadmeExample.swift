import Ledger

func receiveApplication(at path: String) async throws {
    let ledger = try await Ledger.create(at: path, origin: Origin("records.example.gov/permits"))

    // Choose the id before the first try: appending the same event again then records nothing twice.
    let received = Event(
        id: EventID(), type: "application.received", source: "https://permits.example.gov/intake",
        payload: .json(#"{"kind":"tree felling","channel":"desk"}"#))
    let stream: StreamName = "application-0198c0de"
    try await ledger.append([received], to: stream, expecting: .none)

    // Two streams, all or nothing, and only if nobody else has acted on the application meanwhile.
    let registered = Event(type: "document.registered", source: "https://permits.example.gov/register")
    let assigned = Event(
        type: "application.assigned", source: "https://permits.example.gov/intake", correlation: received.id,
        causation: received.id)
    do {
        try await ledger.append(
            [StreamEvent(registered, to: "document-2026-0001"), StreamEvent(assigned, to: stream)],
            checking: [StreamCheck(stream, .revision(0)), StreamCheck("document-2026-0001", .none)])
    } catch {
        guard error.code == .expectationFailed else { throw error }
        for check in error.failedChecks { print("somebody was faster:", check) }
    }

    for try await event in ledger.events(of: stream) {
        print(event.index, event.revision, event.type, event.recorded)
    }

    // A proof that the event is in the ledger, checked against the ledger's root.
    let (size, root) = try await ledger.root()
    let proof = try await ledger.inclusionProof(of: 1, size: size)
    try proof.verify(leaf: try await ledger.event(at: 1).leaf, root: root)
    await ledger.close()
}
