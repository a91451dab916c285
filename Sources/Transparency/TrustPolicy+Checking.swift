public import Signing

extension TrustPolicy {
    /// What the policy says of `checkpoint`, once one of its logs is seen to have signed.
    ///
    /// `alsoTrusting` are keys of logs that are known from elsewhere. Lines of keys that the policy does not name are
    /// passed over. Extension lines are no reason to refuse: signatures cover them, and nothing here is read from them.
    /// Throws `unknownLog` when no log of that origin is trusted, `emptyTreeRoot`, `badSignature` when a line of a
    /// trusted log or of a witness does not hold, `ambiguousKey`, and `noKnownSignature` or `unsupportedAlgorithm` when
    /// the log did not sign verifiably. A quorum that is not met is no error here: see
    /// ``PolicyResult/requireQuorum()``.
    public func check(
        _ checkpoint: SignedCheckpoint, alsoTrusting others: [NoteKey] = []
    ) throws(TransparencyError) -> PolicyResult {
        let log = try verifyLog(checkpoint, others)
        let keys = witnesses.map(\.key)
        var times: [NoteKey: UInt64] = [:]
        for line in try checkpoint.note.verifiedSignatures(by: keys) {
            guard let time = line.signature.cosignature?.time else { continue }
            times[line.key] = min(time, times[line.key] ?? .max)
        }
        let unverifiable = Set(checkpoint.note.unverifiableKeys(among: keys))
        let cosignatures = witnesses.compactMap { witness in
            times[witness.key].map { WitnessCosignature(name: witness.name, key: witness.key, time: $0) }
        }
        return PolicyResult(
            checkpoint: checkpoint.checkpoint, log: log, cosignatures: cosignatures,
            unverifiable: witnesses.filter { unverifiable.contains($0.key) }.map(\.name),
            shortfalls: shortfalls(cosigned: Set(cosignatures.map(\.name))))
    }

    /// The first trusted key of the checkpoint's log that signed it.
    private func verifyLog(
        _ checkpoint: SignedCheckpoint, _ others: [NoteKey]
    ) throws(TransparencyError) -> NoteKey {
        let origin = checkpoint.checkpoint.origin
        var keys = logs.map(\.key).filter { origin.matches($0.name) }
        for key in others where origin.matches(key.name) && !keys.contains(key) { keys.append(key) }
        guard !keys.isEmpty else {
            throw TransparencyError(
                .unknownLog,
                "the checkpoint is of \(quoted(origin.bytes)), and no log of that origin is trusted: "
                    + "add a line `log <vkey>` with its key to the policy if it should be")
        }
        try checkpoint.checkpoint.checkEmptyTree()
        return try checkpoint.note.verified(by: keys)[0]
    }

    /// What the quorum misses when the witnesses `cosigned` did. O(names), without recursion: groups stand behind
    /// their members.
    public func shortfalls(cosigned: Set<Name>) -> [Shortfall] {
        guard case .named(let goal) = quorum else { return [] }
        var met = Set(witnesses.map(\.name)).intersection(cosigned)
        for group in groups where group.members.count(where: { met.contains($0) }) >= group.threshold {
            met.insert(group.name)
        }
        let byName = Dictionary(uniqueKeysWithValues: groups.map { ($0.name, $0) })
        var shortfalls: [Shortfall] = []
        var open = [goal]
        while let name = open.popLast() {
            guard !met.contains(name) else { continue }
            guard let group = byName[name] else {
                // A missing witness is told with its group, unless it is the quorum itself.
                if name == goal { shortfalls.append(Shortfall(name: name, threshold: nil, met: [], missing: [])) }
                continue
            }
            let missing = group.members.filter { !met.contains($0) }
            shortfalls.append(
                Shortfall(
                    name: name, threshold: group.threshold, met: group.members.filter { met.contains($0) },
                    missing: missing))
            open += missing.reversed()
        }
        return shortfalls
    }

    /// The witnesses whose public key is a log's of the same policy too, or one of `others`, which are known from
    /// elsewhere to be logs'. The specification allows them, and they say nothing against whoever runs that log.
    public func witnessesWithLogKeys(alsoOf others: [PublicKey] = []) -> [Name] {
        let (own, others) = (Set(logs.map(\.key.wrapped)), Set(others))
        return witnesses.filter { witness in
            own.contains(witness.key.wrapped) || (witness.key.publicKey.map(others.contains) ?? false)
        }.map(\.name)
    }

    /// What deserves a word to whoever uses the policy, although it is allowed: a line for each of
    /// ``witnessesWithLogKeys(alsoOf:)``.
    public func warnings(logKeys others: [PublicKey] = []) -> [String] {
        witnessesWithLogKeys(alsoOf: others).map { name in
            "the witness \(quoted(name.bytes)) has the key of a log: what it cosigns says nothing against whoever runs "
                + "that log; name a witness that somebody else runs"
        }
    }
}
