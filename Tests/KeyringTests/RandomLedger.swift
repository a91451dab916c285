import Digests
import EventFormat
import Keyring
import Signing
import TestSupport

/// A random ledger, recorded twice: as bytes, and as the naive model sees it.
struct RandomLedger {
    var ledger: TestLedger
    var model: NaiveModel
    private let keys: [PrivateKey]
    private var generator: SeededGenerator
    private var lastKey = 2

    private static let sources = ["/a", "/b", "/c"]
    private static let types = ["x.a", "x.b", "x.y.c", "z"]

    init(seed: UInt64, keys: [PrivateKey]) throws {
        generator = SeededGenerator(seed: seed)
        self.keys = keys
        ledger = try TestLedger([keys[0], keys[1]])
        model = NaiveModel(authorities: [0, 1])
        for _ in 0..<Int.random(in: 10...60, using: &generator) { try step() }
    }

    private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

    /// Most often a new key, sometimes one that may be known.
    private mutating func someKey() -> Int {
        if pick(3) > 0, lastKey < keys.count - 1 {
            lastKey += 1
            return lastKey
        }
        return pick(lastKey + 1)
    }

    private mutating func step() throws {
        let isTrust = pick(3) == 0
        var events: [Event] = []
        let start = model.entries.count
        let source = RandomLedger.sources[pick(3)]
        for _ in 0...pick(4) {
            // Now and then an append holds what it should not.
            if pick(30) == 0 ? !isTrust : isTrust { try addTrust(&events) } else { try add(&events, source) }
        }
        try record(events, from: start, isTrust: isTrust, source)
    }

    private mutating func add(_ events: inout [Event], _ source: String) throws {
        let source = pick(20) == 0 ? RandomLedger.sources[pick(3)] : source
        let type = RandomLedger.types[pick(4)]
        events.append(ledger.event(type, source: source))
        model.entries.append(NaiveModel.Recorded(type: type, source: source))
    }

    private mutating func addTrust(_ events: inout [Event]) throws {
        let trust = try randomTrust()
        let event = try event(of: trust)
        events.append(event)
        model.entries.append(NaiveModel.Recorded(type: event.type, source: event.source, trust: trust))
    }

    private mutating func randomTrust() throws -> NaiveModel.Trust {
        let source = RandomLedger.sources[pick(3)]
        switch pick(8) {
        case 0: return .introduce(someKey(), .authority)
        case 1: return .introduce(someKey(), .log)
        case 2, 3: return .introduce(someKey(), .source(try SourceName(source)))
        case 4: return .rotate(pick(lastKey + 1), someKey())
        case 5: return .revoke(pick(lastKey + 1))
        case 6: return .register(source, (0..<pick(3)).map { _ in someKey() })
        default: return pick(4) == 0 ? .nonsense : .adopt(try randomPolicy())
        }
    }

    private mutating func randomPolicy() throws -> LedgerPolicy {
        var policy = LedgerPolicy(allowsUnsigned: pick(2) == 0)
        for name in RandomLedger.sources where pick(3) == 0 {
            policy.sources[try SourceName(name)] = pick(2) == 0 ? .signed : .unsigned
        }
        for name in ["x.a", "x.*", "x.y.*", "z"] where pick(3) == 0 {
            policy.types[try TypePattern(name)] = pick(2) == 0 ? .signed : .unsigned
        }
        return policy
    }

    private mutating func event(of trust: NaiveModel.Trust) throws -> Event {
        switch trust {
        case .introduce(let key, let role): ledger.event(.keyIntroduced(keys[key].publicKey, role: role))
        case .rotate(let old, let new): ledger.event(.keyRotated(old: keys[old].publicKey.id, new: keys[new].publicKey))
        case .revoke(let key):
            ledger.event(.keyRevoked(keys[key].publicKey.id, reason: "lost", compromisedSince: nil))
        case .register(let source, let numbers):
            ledger.event(
                .sourceRegistered(try SourceName(source), name: nil, keys: numbers.map { keys[$0].publicKey }))
        case .adopt(let policy): ledger.event(.policyAdopted(policy))
        case .nonsense: ledger.event("key.introduced", source: ledger.origin.text, text: "{}")
        }
    }

    /// Records `events`, each run of one stream in the stream where it belongs, signed or not, well or badly.
    private mutating func record(_ events: [Event], from start: Int, isTrust: Bool, _ source: String) throws {
        var scratch = ledger
        for (offset, event) in events.enumerated() {
            try scratch.record([event], to: stream(start + offset))
        }
        var signature: AppendSignature?
        if pick(4) > 0 { signature = try sign(scratch, start..<start + events.count, isTrust, source) }
        for (offset, event) in events.enumerated() {
            let isLast = offset == events.count - 1
            try ledger.record([event], to: stream(start + offset), signature: isLast ? signature : nil)
        }
    }

    private func stream(_ index: Int) -> StreamName { model.entries[index].isLedger ? .ledger : "application-1" }

    private mutating func sign(
        _ scratch: TestLedger, _ range: Range<Int>, _ isTrust: Bool, _ source: String
    ) throws -> AppendSignature {
        let key = signer(isTrust, source)
        var signed = Array(range)
        if pick(15) == 0 { signed.reverse() }
        // Now and then the signature covers entries of the append before.
        if pick(15) == 0, let first = signed.min(), first > 1 { signed.insert(first - 1, at: 0) }
        let digests = signed.map { scratch.digests(UInt64($0)..<UInt64($0) + 1)[0] }
        var signature = try AppendMessage.sign(identity: ledger.identity, digests: digests, with: keys[key])
        if pick(15) == 0 { signature.count = UInt64(max(1, signed.count + pick(5) - 2)) }
        var really: [Int]? = signed
        if pick(15) == 0 {
            signature.signature[pick(64)] ^= 1
            really = nil
        }
        model.entries[range.upperBound - 1].signature = (signature.count, key, really)
        return signature
    }

    /// Most often a key that was introduced for the purpose, sometimes any.
    private mutating func signer(_ isTrust: Bool, _ source: String) -> Int {
        guard pick(8) > 0 else { return pick(lastKey + 1) }
        var past = model
        _ = past.verdicts()
        let fitting = past.keys.filter { key in
            switch key.role {
            case .authority: isTrust
            case .source(let name): !isTrust && name.text == source
            default: false
            }
        }.filter { $0.ended == nil || pick(4) == 0 }
        return fitting.isEmpty ? pick(lastKey + 1) : fitting[pick(fitting.count)].number
    }

    /// Where to cut, at random.
    mutating func borders() -> [Int] {
        (1..<ledger.entries.count).filter { _ in pick(6) == 0 }
    }
}
