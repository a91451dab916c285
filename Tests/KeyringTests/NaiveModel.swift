import EventFormat
import Keyring
import Signing

/// What docs/format.md says of signatures, written down again without regard to speed: every question goes over all
/// that was recorded.
struct NaiveModel {
    enum Verdict: Equatable { case signed, unsigned, faulty }

    enum Trust {
        case introduce(Int, KeyRole)
        case rotate(Int, Int)
        case revoke(Int)
        case register(String, [Int])
        case adopt(LedgerPolicy)
        case nonsense
    }

    struct Recorded {
        var type: String
        var source: String
        var trust: Trust?
        /// Key 15: the count, the key, and the entries and their order that were really signed.
        var signature: (count: UInt64, key: Int, signed: [Int]?)?
        var isLedger: Bool { trust != nil }
    }

    struct Key {
        var number: Int
        var role: KeyRole
        var introduced: Int
        var ended: Int?
    }

    var entries: [Recorded] = []
    var keys: [Key] = []
    var registered: [String] = []
    var policies: [(at: Int, policy: LedgerPolicy)] = []

    init(authorities: [Int]) {
        entries = [Recorded(type: "ledger.created", source: "", trust: .nonsense)]
        keys = authorities.map { Key(number: $0, role: .authority, introduced: 0) }
    }

    func inForce(_ number: Int, at index: Int) -> Key? {
        keys.first { $0.number == number && $0.introduced < index && ($0.ended ?? .max) >= index }
    }

    func needsSignature(_ entry: Recorded, at index: Int) -> Bool {
        let policy = policies.last { $0.at < index }?.policy
        if let policy {
            if let rule = policy.types.first(where: { $0.key.text == entry.type }) { return rule.value == .signed }
            let prefixes = policy.types.filter { pattern, _ in
                pattern.text.hasSuffix(".*") && entry.type.hasPrefix(pattern.text.dropLast())
                    && entry.type.count > pattern.text.count - 1
            }
            if let rule = prefixes.max(by: { $0.key.text.count < $1.key.text.count }) { return rule.value == .signed }
            if let rule = policy.sources.first(where: { $0.key.text == entry.source }) { return rule.value == .signed }
        }
        let hadKey = keys.contains { key in
            guard case .source(let name) = key.role, name.text == entry.source else { return false }
            return key.introduced < index
        }
        return hadKey || !(policy?.allowsUnsigned ?? true)
    }

    /// The append that covers `index`, if its shape is right (K1).
    func append(over index: Int) -> Range<Int>? {
        guard let end = entries.indices.first(where: { $0 >= index && entries[$0].signature != nil }),
            let signature = entries[end].signature, signature.count <= 10_000, signature.count <= UInt64(end)
        else { return nil }
        let first = end - Int(signature.count) + 1
        guard first <= index, !entries[first..<end].contains(where: { $0.signature != nil }) else { return nil }
        return first..<end + 1
    }

    /// K2 to K4.
    func isRight(_ range: Range<Int>) -> Bool {
        guard let signature = entries[range.upperBound - 1].signature,
            let key = inForce(signature.key, at: range.lowerBound), signature.signed == Array(range)
        else { return false }
        switch key.role {
        case .authority: return entries[range].allSatisfy(\.isLedger)
        case .source(let name): return entries[range].allSatisfy { !$0.isLedger && $0.source == name.text }
        case .log, .witness: return false
        }
    }

    /// K6 to K9; takes the event in when it keeps them.
    mutating func take(_ trust: Trust, at index: Int) -> Bool {
        let keys = self.keys
        let isKnown = { (number: Int) in keys.contains { $0.number == number } }
        let current = { (number: Int) in keys.firstIndex { $0.number == number && $0.ended == nil } }
        switch trust {
        case .introduce(let number, let role):
            guard !isKnown(number) else { return false }
            self.keys.append(Key(number: number, role: role, introduced: index))
        case .rotate(let old, let new):
            guard let place = current(old), !isKnown(new) else { return false }
            self.keys.append(Key(number: new, role: keys[place].role, introduced: index))
            self.keys[place].ended = index
        case .revoke(let number):
            guard let place = current(number) else { return false }
            let authorities = keys.filter { $0.role == .authority && $0.ended == nil }
            guard keys[place].role != .authority || authorities.count > 1 else { return false }
            self.keys[place].ended = index
        case .register(let source, let numbers):
            guard !registered.contains(source), !numbers.contains(where: isKnown), Set(numbers).count == numbers.count
            else { return false }
            registered.append(source)
            guard let name = try? SourceName(source) else { return false }
            for number in numbers { self.keys.append(Key(number: number, role: .source(name), introduced: index)) }
        case .adopt(let policy): policies.append((index, policy))
        case .nonsense: return false
        }
        return true
    }

    /// The verdict on every entry.
    mutating func verdicts() -> [Verdict] {
        var verdicts: [Verdict] = [.unsigned]
        for index in entries.indices.dropFirst() {
            let entry = entries[index]
            let range = append(over: index)
            if let trust = entry.trust {
                let isAuthorised = range.map(isRight) ?? false
                verdicts.append(isAuthorised && take(trust, at: index) ? .signed : .faulty)
            } else if let range, !entries[range.upperBound - 1].isLedger {
                verdicts.append(isRight(range) ? .signed : .faulty)
            } else if entry.signature != nil {
                verdicts.append(.faulty)
            } else {
                verdicts.append(needsSignature(entry, at: index) ? .faulty : .unsigned)
            }
        }
        return verdicts
    }
}
