internal import Signing

extension NoteKey {
    /// Whether `signature` is this key's over the note text `text`, by the rules of the key's type.
    ///
    /// False for anything malformed, for a cosignature without a time or with one past 2^63 − 1, and for every
    /// signature of a key that cannot verify. Name and key ID are not looked at.
    public func verify(_ signature: [UInt8], over text: [UInt8]) -> Bool {
        guard let publicKey else { return false }
        switch type {
        case .ed25519: return publicKey.verify(signature, over: text)
        case .ecdsa:
            guard let raw = ECDSASignature.raw(signature) else { return false }
            return publicKey.verify(raw, over: text)
        case .cosignature:
            guard let cosignature = Cosignature(signature) else { return false }
            return publicKey.verify(cosignature.signature, over: Cosignature.message(text, at: cosignature.time))
        default: return false
        }
    }
}

extension SignedNote {
    /// A signature that holds, and whose it is.
    public struct VerifiedSignature: Hashable, Sendable {
        public let key: NoteKey
        public let signature: NoteSignature
    }

    /// The trusted keys that signed, in the order of their first lines, each once.
    ///
    /// Lines whose pair of name and key ID no trusted key has are passed over, and so are the lines of keys that this
    /// library cannot verify. Throws `ambiguousKey` when two of `keys` could have made a line, `badSignature` when a
    /// line of a trusted key does not hold, whatever the other lines say, and `noKnownSignature` or
    /// `unsupportedAlgorithm` when no line is left. One signature check a line.
    public func verified(by keys: [NoteKey]) throws(TransparencyError) -> [NoteKey] {
        var signers: [NoteKey] = []
        for line in try verifiedSignatures(by: keys) where !signers.contains(line.key) { signers.append(line.key) }
        guard signers.isEmpty else { return signers }
        let unverifiable = unverifiableKeys(among: keys)
        if let key = unverifiable.first {
            throw TransparencyError(
                .unsupportedAlgorithm,
                "the note is signed by \(quoted(key.name.bytes)) with \(key.type), which this version cannot verify, "
                    + "and by no other trusted key")
        }
        let names = signatures.prefix(4).map { quoted($0.name.bytes) }.joined(separator: ", ")
        throw TransparencyError(
            .noKnownSignature,
            "no trusted key signed the note; its lines are by \(names)\(signatures.count > 4 ? " and others" : "")")
    }

    /// Every line of a trusted key, in order, lines that repeat an earlier one left out; none when nobody trusted
    /// signed.
    ///
    /// Throws `ambiguousKey` and `badSignature` as ``verified(by:)`` does.
    public func verifiedSignatures(by keys: [NoteKey]) throws(TransparencyError) -> [VerifiedSignature] {
        var known: [Signatory: [NoteKey]] = [:]
        for key in keys { known[Signatory(name: key.name, id: key.id), default: []].append(key) }
        var verified: [VerifiedSignature] = []
        var seen: Set<NoteSignature> = []
        for signature in signatures {
            let candidates = known[Signatory(name: signature.name, id: signature.keyID)] ?? []
            guard let key = candidates.first, key.canVerify || candidates.count > 1 else { continue }
            guard candidates.count == 1 else {
                throw TransparencyError(
                    .ambiguousKey,
                    "\(candidates.count) trusted keys are \(shown(key.name.bytes)) with the key ID \(key.id): "
                        + "trust one of them only")
            }
            guard seen.insert(signature).inserted else { continue }
            guard key.verify(signature.signature, over: text) else {
                throw TransparencyError(
                    .badSignature,
                    "the signature of \(shown(key.name.bytes)) (key ID \(key.id), \(key.type)) does not hold: the text "
                        + "or the signature was changed, or another key has the same name and ID")
            }
            verified.append(VerifiedSignature(key: key, signature: signature))
        }
        return verified
    }

    /// Those of `keys` that a line names and that this library cannot verify.
    public func unverifiableKeys(among keys: [NoteKey]) -> [NoteKey] {
        let named = Set(signatures.map { Signatory(name: $0.name, id: $0.keyID) })
        return keys.filter { !$0.canVerify && named.contains(Signatory(name: $0.name, id: $0.id)) }
    }
}

/// The pair that names a key in signature lines.
struct Signatory: Hashable {
    let name: KeyName
    let id: NoteKeyID
}
