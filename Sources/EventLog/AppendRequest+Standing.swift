internal import Contents
public import Digests
internal import EventFormat
internal import Files
internal import Keyring
public import Signing
internal import Synchronization

extension AppendRequest {
    /// What was found out about a request before its turn came.
    struct Standing: Sendable {
        /// The keys and policy that admit the request; nil: none were found to yet.
        var admitted: Trust?
        /// Whether the signature is one of the key that it names, over this append; nil: not verified yet.
        var signatureHolds: Bool?
        /// Where the contents must be that the payloads name; nil: they are not looked for.
        var contents: ContentStore?
    }

    /// The append with a signature by `signer`, of the ledger whose first entry has the leaf hash `identity`; the
    /// request must have been made with a stated time. Blocks as long as the signer does; a key in memory signs later.
    ///
    /// Throws ``LogError/Code/signingFailed``; the append is refused with the same when the signature turns out not to
    /// be one of the signer's key (``OwedSignature``).
    public func signed(by signer: some Signer, for identity: Digest) throws(LogError) -> AppendRequest {
        if let key = signer as? PrivateKey {
            return AppendRequest(self, owed: OwedSignature(by: key) { self.message(for: identity) })
        }
        let message = message(for: identity)
        let signature: [UInt8]
        do throws(SigningError) {
            signature = try signer.sign(message.span)
        } catch {
            throw LogError(.signingFailed, "nothing was recorded: \(error.reason)")
        }
        return AppendRequest(self, owed: OwedSignature(signature, by: signer.publicKey, over: message))
    }

    /// What a signature in the ledger `identity` covers. O(events).
    private func message(for identity: Digest) -> [UInt8] {
        AppendMessage.bytes(identity: identity, digests: digests)
    }

    private var digests: [Digest] { parts.count == 1 ? parts[0].digests : parts.flatMap(\.digests) }

    /// Does what can be done for ``check(under:at:)`` before the request's turn comes: verifies the signature.
    func prepare(under trust: Trust) {
        do throws(LogError) { try check(under: trust, at: trust.end) } catch { return }
    }

    /// Throws when keys and policy do not admit the request at `first`, the index of its first event.
    ///
    /// O(1) when they were found to before; O(events), and one signature to verify, otherwise.
    func check(under trust: Trust, at first: EntryIndex) throws(LogError) {
        if let admitted = standing.withLock({ $0.admitted }), admitted === trust { return }
        if let keyID {
            try checkSigned(with: keyID, under: trust, at: first)
        } else {
            try checkUnsigned(under: trust, at: first)
        }
        standing.withLock { $0.admitted = trust }
    }

    /// Says where the contents must be that the payloads name.
    func look(for contents: ContentStore) {
        guard parts.contains(where: { !$0.contents.isEmpty }) else { return }
        standing.withLock { $0.contents = contents }
    }

    /// Throws when a payload names a content that is not there, or not yet for good. Two calls of the system for each
    /// name. `history` tells what was removed.
    func checkContents(_ history: KeyHistory) throws(LogError) {
        guard let contents = standing.withLock({ $0.contents }) else { return }
        var offset = 0
        for part in parts {
            for content in part.contents {
                try Self.check(content.name, of: event(at: offset + content.position), contents, history)
            }
            offset += part.items.count
        }
    }

    private static func check(
        _ name: ContentName, of event: Event, _ contents: ContentStore, _ history: KeyHistory
    ) throws(LogError) {
        do throws(FileError) {
            if try contents.isDurable(name) { return }
        } catch {
            throw LogError(.inputOutput, "nothing was recorded: \(error.reason)")
        }
        if let removal = history.removal(of: name) {
            throw LogError(
                .contentRemoved,
                "nothing was recorded: the payload of event \(event.id) names the content \(name), which was removed under "
                    + "event \(removal.event), by \(removal.authority): no new event can name it")
        }
        throw LogError(
            .contentMissing,
            "nothing was recorded: the payload of event \(event.id) names the content \(name), which the ledger does not "
                + "have: store the document first (mohur content add), then append again")
    }

    private func checkUnsigned(under trust: Trust, at first: EntryIndex) throws(LogError) {
        guard !isReserved else {
            throw LogError(
                .signatureRequired,
                "nothing was recorded: events of the ledger itself need the signature of an authority key")
        }
        guard !trust.isInitial else { return }
        var last: (type: String, source: String)?
        for position in 0..<count {
            let event = event(at: position)
            if let last, last.type.isSame(as: event.type), last.source.isSame(as: event.source) { continue }
            last = (event.type, event.source)
            let source = try Self.source(event)
            let requirement = trust.history.requirement(type: event.type, source: source, at: first)
            guard requirement.isSigned else { continue }
            let subject = "nothing was recorded: \(Self.name(event, position)) of the source \(source) is"
            throw LogError(
                .signatureRequired,
                "\(trust.history.unsigned(subject, requirement, at: first).reason); append with the source's key")
        }
    }

    private func checkSigned(with keyID: [UInt8], under trust: Trust, at first: EntryIndex) throws(LogError) {
        let purpose = isReserved ? AppendPurpose.ledger : .source(try commonSource())
        let record: KeyRecord
        do throws(KeyringError) {
            record = try trust.history.signer(try AppendRequest.id(keyID), at: first, for: purpose)
        } catch {
            throw LogError(.notAuthorised, "nothing was recorded: \(error.reason)")
        }
        if let owed { return try owed.check() }
        guard let given, signatureHolds(given, record.key, trust.history.identity) else {
            throw LogError(
                .signatureInvalid,
                "nothing was recorded: the signature is not one of the key \(record.id) over these \(count) events in "
                    + "this order in this ledger: sign what is appended, and append what was signed")
        }
    }

    private func signatureHolds(_ signature: AppendSignature, _ key: PublicKey, _ identity: Digest) -> Bool {
        if let known = standing.withLock({ $0.signatureHolds }) { return known }
        let message = message(for: identity)
        let holds = signature.count == UInt64(count) && key.verify(signature.signature.span, over: message.span)
        standing.withLock { $0.signatureHolds = holds }
        return holds
    }

    /// The source of all of the events. Throws when they have several: a key speaks for one.
    private func commonSource() throws(LogError) -> SourceName {
        let first = event(at: 0)
        var offset = 0
        for part in parts {
            let isSame = part.source?.isSame(as: first.source) ?? false
            if let foreign = isSame ? part.foreign : 0 {
                let position = offset + foreign
                let event = event(at: position)
                throw LogError(
                    .notAuthorised,
                    "nothing was recorded: \(Self.name(event, position)) has the source "
                        + "\"\(event.source.escapingControls)\", the first one \"\(first.source.escapingControls)\"; a key "
                        + "signs for one source: append each source's events by themselves")
            }
            offset += part.items.count
        }
        return try Self.source(first)
    }

    private static func id(_ bytes: [UInt8]) throws(KeyringError) -> KeyID {
        if let id = KeyID(bytes: bytes) { return id }
        throw KeyringError(.unknownKey, "the signature names a key by \(bytes.count) bytes; an id has 32")
    }

    private static func source(_ event: Event) throws(LogError) -> SourceName {
        do throws(KeyringError) { return try SourceName(event.source) } catch {
            throw LogError(.invalid, error.reason)
        }
    }

    private static func name(_ event: Event, _ position: Int) -> String {
        "event \(position + 1) of the append (\(event.id), \(event.type.escapingControls))"
    }
}

extension String {
    /// Whether two texts have the same bytes; `==` would take canonically equivalent ones for equal.
    func isSame(as other: String) -> Bool { utf8.span.isSame(as: other.utf8.span) }
}
