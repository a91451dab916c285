internal import Digests
internal import EventFormat

/// What a ``KeyHistory`` says of the types and sources met lately: entries of one kind come in great numbers.
struct RequirementMemo: Sendable {
    struct Answer: Sendable {
        /// Where in the history's sources the source is; −1: no key of it was ever introduced, so nothing that it
        /// signs can be right.
        let source: Int32
        let requirement: Requirement
    }

    private struct Slot: Sendable {
        var source: [UInt8]
        var type: [UInt8]
        var answer: Answer
        /// The ``generation`` in which it was filled.
        var generation: UInt64
    }

    private var slots: [Slot?] = []
    private var generation: UInt64 = 0
    /// The indices for which the slots hold.
    private var first = EntryIndex(1)
    private var last: EntryIndex? = 0
    /// The answer for every entry, when neither policy nor key says otherwise.
    private var only: Answer?

    private static let slotCount = 256

    /// Forgets everything, for a history that has changed.
    mutating func reset() { last = 0 }

    /// What `history` says of the entry `layout`. O(length of type and source), when it was asked before.
    mutating func answer(_ layout: EntryLayout, in bytes: Span<UInt8>, _ history: KeyHistory) -> Answer {
        let index = layout.index
        if index < first || last.map({ index > $0 }) ?? false { refresh(index, history) }
        if let only { return only }
        let source = bytes.extracting(layout.source.start..<layout.source.end)
        let type = bytes.extracting(layout.type.start..<layout.type.end)
        let slot = RequirementMemo.slot(of: source, type)
        if let known = slots[slot], known.generation == generation, known.source.span.isSame(as: source),
            known.type.span.isSame(as: type)
        {
            return known.answer
        }
        let name = SourceName(layout.source, in: bytes)
        let typeBytes = Array(collecting: type)
        let number = history.sourceNumbers[name].flatMap { history.sources[$0].hadKey(at: index) ? Int32($0) : nil }
        let answer = Answer(
            source: number ?? -1, requirement: history.requirement(type: typeBytes, source: name, at: index))
        slots[slot] = Slot(source: name.utf8, type: typeBytes, answer: answer, generation: generation)
        return answer
    }

    private mutating func refresh(_ index: EntryIndex, _ history: KeyHistory) {
        first = index
        last = history.nextChange(from: index)
        generation += 1
        if slots.isEmpty { slots = Array(repeating: nil, count: RequirementMemo.slotCount) }
        let hasSourceKey = history.firstSourceKey.map { $0 < index } ?? false
        let isPlain = !hasSourceKey && history.policy(at: index) == nil
        only = isPlain ? Answer(source: -1, requirement: Requirement(isSigned: false, reason: .otherwise)) : nil
    }

    private static func slot(of source: Span<UInt8>, _ type: Span<UInt8>) -> Int {
        let mixed = (ending(source) &* 0x9e37_79b9_7f4a_7c15 ^ ending(type)) &* 0xbf58_476d_1ce4_e5b9
        return Int(truncatingIfNeeded: mixed >> 40) & (slotCount - 1)
    }

    /// The last bytes of a text, which has at least one, and its length.
    private static func ending(_ bytes: Span<UInt8>) -> UInt64 {
        let word: UInt64 = bytes.count >= 8 ? bytes.bigEndian(at: bytes.count - 8) : UInt64(bytes[bytes.count - 1])
        return word &+ UInt64(bytes.count)
    }
}
