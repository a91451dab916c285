public import EventFormat
public import Signing

extension KeyHistory {
    /// Takes in a trust event, recorded at `index` in an append that begins at `first` and that `signer` has signed:
    /// the caller has verified the signature. It has effect from entry `index` + 1 on.
    ///
    /// Throws ``KeyringError`` and changes nothing when the event breaks a rule: `notAuthorised` unless `signer` is an
    /// authority key in force at `first`, `keyReused`, `unknownKey`, `keyNotInForce`, `wrongRole`, `lastAuthority`,
    /// `alreadyRegistered`, or `malformed` for a log key that is not Ed25519. Events are taken in the order of the
    /// ledger. O(size of the event).
    public mutating func apply(
        _ event: TrustEvent, at index: EntryIndex, signedBy signer: KeyID, appendFrom first: EntryIndex
    ) throws(KeyringError) {
        precondition(first <= index && index > changes.last ?? 0, "trust events are applied in the order of the ledger")
        try checkAuthority(signer, at: first, event.type)
        switch event {
        case .keyIntroduced(let key, let role): try introduce(key, role, event.type, at: index)
        case .keyRotated(let old, let new): try rotate(old, to: new, at: index)
        case .keyRevoked(let id, let reason, let since): try revoke(id, reason, since, at: index)
        case .sourceRegistered(let source, let name, let keys): try register(source, name, keys, at: index)
        case .witnessRegistered(let witness): try register(witness, at: index)
        case .policyAdopted(let policy): policies.append(AdoptedPolicy(policy: policy, adopted: index))
        case .payloadRemoved(let removal): try remove(removal, at: index)
        case .contentRemoved(let removal): remove(removal, at: index)
        }
        changes.append(index)
        note(index)
    }

    /// Notes that entry `index` is of the stream `ledger`, whether or not it has an effect.
    mutating func note(_ index: EntryIndex) {
        if let last = ownEntries.last, last < index { ownEntries.append(index) }
    }

    private func checkAuthority(_ signer: KeyID, at first: EntryIndex, _ type: String) throws(KeyringError) {
        do throws(KeyringError) {
            _ = try self.signer(signer, at: first, for: .ledger)
        } catch {
            throw KeyringError(.notAuthorised, "\(type): \(error.reason)")
        }
    }

    /// Throws when the key was introduced before, in whatever role.
    func checkFresh(_ key: PublicKey, _ type: String) throws(KeyringError) {
        guard let number = keyNumbers[key.id] else { return }
        let known = keys[number]
        throw KeyringError(
            .keyReused,
            "\(type): the key \(key.id) was introduced at entry \(known.introduced) as \(known.role); a key is "
                + "introduced once, for one role: make a new one")
    }

    private mutating func introduce(
        _ key: PublicKey, _ role: KeyRole, _ type: String, at index: EntryIndex
    ) throws(KeyringError) {
        try checkFresh(key, type)
        try checkAlgorithm(key, role, type)
        introduce(key, role, at: index)
    }

    /// Checkpoints are signed with Ed25519 alone (C2SP tlog-tiles).
    private func checkAlgorithm(_ key: PublicKey, _ role: KeyRole, _ type: String) throws(KeyringError) {
        guard role == .log, key.algorithm != .ed25519 else { return }
        throw KeyringError(
            .malformed, "\(type): the log key \(key.id) is of \(key.algorithm); checkpoints are signed with ed25519")
    }

    /// Records a key that was checked.
    mutating func introduce(_ key: PublicKey, _ role: KeyRole, at index: EntryIndex) {
        keyNumbers[key.id] = keys.count
        keys.append(KeyRecord(key, role, introduced: index))
        switch role {
        case .authority: authorityCount += 1
        case .source(let source):
            let number = number(of: source)
            if sources[number].firstKey == nil { sources[number].firstKey = index }
            firstSourceKey = firstSourceKey ?? index
        case .log, .witness: break
        }
    }

    /// Records the end of a key that is in force.
    private mutating func end(_ number: Int, at index: EntryIndex, _ cause: KeyRecord.Cause) {
        keys[number].end = KeyRecord.End(index: index, cause: cause)
        if keys[number].role == .authority { authorityCount -= 1 }
    }

    /// Where `source` is, which becomes known by this.
    private mutating func number(of source: SourceName) -> Int {
        if let number = sourceNumbers[source] { return number }
        sourceNumbers[source] = sources.count
        sources.append(SourceRecord(source: source))
        return sources.count - 1
    }

    /// Where the key `id` is, which must not have ended: an event of the same append may have ended it.
    private func current(_ id: KeyID, _ type: String) throws(KeyringError) -> Int {
        guard let number = keyNumbers[id] else {
            throw KeyringError(.unknownKey, "\(type): no event has introduced the key \(id)")
        }
        if let end = keys[number].end {
            throw KeyringError(.keyNotInForce, "\(type): entry \(end.index) has ended the key \(id) already")
        }
        return number
    }

    private mutating func rotate(_ old: KeyID, to new: PublicKey, at index: EntryIndex) throws(KeyringError) {
        let number = try current(old, "key.rotated")
        let role = keys[number].role
        guard role != .witness else {
            throw KeyringError(
                .wrongRole,
                "key.rotated: \(old) is a witness's key, which has a name; revoke it and register the new one")
        }
        try checkFresh(new, "key.rotated")
        try checkAlgorithm(new, role, "key.rotated")
        introduce(new, role, at: index)
        end(number, at: index, .rotated(to: new.id))
    }

    private mutating func revoke(
        _ id: KeyID, _ reason: String, _ since: Timestamp?, at index: EntryIndex
    ) throws(KeyringError) {
        let number = try current(id, "key.revoked")
        guard keys[number].role != .authority || authorityCount > 1 else {
            throw KeyringError(
                .lastAuthority,
                "key.revoked: \(id) is the last authority key; introduce another first, or rotate this one")
        }
        end(number, at: index, .revoked(reason: reason, compromisedSince: since))
    }

    private mutating func register(
        _ source: SourceName, _ name: String?, _ keys: [PublicKey], at index: EntryIndex
    ) throws(KeyringError) {
        let type = "source.registered"
        if let number = sourceNumbers[source], let registered = sources[number].registered {
            throw KeyringError(
                .alreadyRegistered,
                "\(type): entry \(registered) has registered \(source); introduce further keys with key.introduced")
        }
        var ids: Set<KeyID> = []
        for key in keys {
            try checkFresh(key, type)
            guard ids.insert(key.id).inserted else {
                throw KeyringError(.keyReused, "\(type): the key \(key.id) stands twice; name it once")
            }
        }
        let number = number(of: source)
        sources[number].registered = index
        sources[number].name = name
        for key in keys { introduce(key, .source(source), at: index) }
    }

    private mutating func register(_ witness: TrustEvent.Witness, at index: EntryIndex) throws(KeyringError) {
        try checkFresh(witness.publicKey, "witness.registered")
        introduce(witness.publicKey, .witness, at: index)
        witnesses.append(WitnessRecord(witness: witness, registered: index))
    }
}
