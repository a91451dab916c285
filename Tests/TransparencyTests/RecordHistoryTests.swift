import Digests
import EventFormat
import Merkle
import Testing
import Transparency

@Suite struct RecordHistoryTests {
    private let witness: Cosigner
    private let policy: TrustPolicy
    private let stream: TestStream
    private let history: RecordHistory

    init() throws {
        witness = try TestKeys.witness("w.example", 2)
        policy = try TestTree.policy()
        stream = try TestStream(5)
        history = try stream.history(cosignedBy: [witness])
    }

    /// The history's text with the items changed, unchecked: as a forger would write it.
    private func text(_ items: [RecordHistory.Item], stream name: String = "application-1") -> [UInt8] {
        var text = "mohur/record/v1\nstream \(name)\n".bytes
        for item in items {
            text += "entry ".bytes
            Base64.append(item.bytes, to: &text)
            text += "\npayload ".bytes
            if let envelope = item.envelope { Base64.append(envelope, to: &text) } else { text += "-".bytes }
            text.append(0x0a)
        }
        return text + [0x0a] + history.proof.bytes
    }

    private func verdict(_ items: [RecordHistory.Item]) -> TransparencyError.Code? {
        refusalCode { try RecordHistory(text(items)).verify(policy: policy) }
    }

    @Test func `a history is written, read and verified`() throws {
        let read = try RecordHistory(history.bytes)
        #expect(read == history)
        #expect(read.bytes == history.bytes)
        #expect(text(stream.items) == history.bytes)
        let result = try read.verify(policy: policy)
        #expect(result.policy.isQuorumMet)
        #expect(result.withoutPayload == [])
        #expect(read.items.map(\.entry.revision.rawValue) == [0, 1, 2, 3, 4])
    }

    @Test func `a payload that is not there is told, one that is another is refused`() throws {
        var items = stream.items
        items[0] = try .init(bytes: items[0].bytes, envelope: nil)
        let result = try RecordHistory(text(items)).verify(policy: policy)
        #expect(result.withoutPayload == [0])
        let bare = try #require(items.firstIndex { $0.entry.payload == nil })
        for envelope in [[], [1], [UInt8](repeating: 9, count: 20), [UInt8](repeating: 1, count: 21)] as [[UInt8]] {
            var changed = stream.items
            guard !envelope.isEmpty else { continue }
            changed[0] = try .init(bytes: changed[0].bytes, envelope: envelope)
            #expect(verdict(changed) == .payloadMismatch)
            changed = stream.items
            changed[bare] = try .init(bytes: changed[bare].bytes, envelope: envelope)
            #expect(verdict(changed) == .payloadMismatch)
        }
        var swapped = stream.items
        let last = swapped.count - 1
        let (first, other) = (swapped[0].envelope, swapped[last].envelope)
        #expect(first != other)
        swapped[0] = try .init(bytes: swapped[0].bytes, envelope: other ?? first)
        #expect(verdict(swapped) == (other == nil ? nil : .payloadMismatch))
    }

    @Test func `entries left out, doubled, exchanged or cut off are refused`() throws {
        for place in stream.items.indices {
            var items = stream.items
            items.remove(at: place)
            #expect(verdict(items) == .brokenRecord, "without \(place)")
            items = stream.items
            items.insert(items[place], at: place)
            #expect(verdict(items) == .brokenRecord, "twice \(place)")
            guard place > 0 else { continue }
            items = stream.items
            items.swapAt(place, place - 1)
            #expect(verdict(items) == .brokenRecord, "exchanged \(place)")
        }
    }

    @Test func `an entry that was rewritten breaks the chain or the receipt`() throws {
        for place in stream.items.indices {
            var items = stream.items
            var entry = items[place].entry
            entry.type = "application.refused"
            items[place] = try .init(bytes: entry.encoded(), envelope: items[place].envelope)
            #expect(verdict(items) == (place == items.count - 1 ? .notIncluded : .brokenRecord))
        }
    }

    @Test func `a chain rewritten from its first entry does not lead to the receipt`() throws {
        var items = stream.items
        var previous: Digest?
        for place in items.indices {
            var entry = items[place].entry
            entry.source = "https://b.example"
            entry.streamPrevious = previous
            let bytes = try entry.encoded()
            items[place] = try .init(bytes: bytes, envelope: items[place].envelope)
            previous = MerkleHash.leaf(bytes.span)
        }
        #expect(verdict(items) == .notIncluded)
    }

    @Test func `another stream's name or another stream's entries are refused`() throws {
        let renamed = text(stream.items, stream: "application-2")
        #expect(refusalCode { try RecordHistory(renamed).verify(policy: policy) } == .brokenRecord)
        let other = try TestStream(5, of: "application-2")
        #expect(verdict(other.items) == .brokenRecord)
    }

    @Test func `without the quorum a history is refused`() throws {
        let alone = try stream.history()
        #expect(refusalCode { try alone.verify(policy: policy) } == .quorumNotMet)
    }

    @Test func `what is broken cannot be made`() throws {
        let proof = history.proof
        #expect(refusalCode { try RecordHistory(stream: stream.name, items: [], proof: proof) } == .brokenRecord)
        let cut = Array(stream.items.dropLast())
        #expect(refusalCode { try RecordHistory(stream: stream.name, items: cut, proof: proof) } == .brokenRecord)
        #expect(refusalCode { try RecordHistory.Item(bytes: [1, 2, 3], envelope: nil) } == .malformedRecord)
        let large = [UInt8](repeating: 0, count: Envelope.maximumByteCount + 1)
        #expect(refusalCode { try RecordHistory.Item(bytes: stream.items[0].bytes, envelope: large) } == .tooLarge)
    }

    @Test(arguments: [
        ("mohur/record/v1", "mohur/record/v2", 1), ("mohur/record/v1\n", "", 1), ("stream application-1", "stream ", 2),
        ("stream application-1", "stream a\u{7f}", 2), ("stream ", "name ", 2), ("entry ", "entries ", 3),
        ("entry ", "entry  ", 3), ("payload ", "payload  ", 3), ("payload ", "envelope ", 3),
        ("\npayload", "\n\npayload", 3),
    ])
    func `a line that is another is named`(old: String, new: String, line: Int) {
        var bytes = history.bytes
        if let range = bytes.firstRange(of: old.bytes) { bytes.replaceSubrange(range, with: new.bytes) }
        let error = refusal { try RecordHistory(bytes) }
        #expect(error?.code == .malformedRecord)
        #expect(error?.line == line)
    }

    @Test func `a history without entries or without its receipt is refused`() throws {
        #expect(refusalCode { try RecordHistory("mohur/record/v1\nstream a\n\n".bytes) } == .malformedRecord)
        #expect(refusalCode { try RecordHistory("mohur/record/v1\nstream a\n".bytes) } == .malformedRecord)
        let start = history.bytes.count - history.proof.bytes.count
        for end in [start, start - 1, start + 10] {
            #expect(refusal { try RecordHistory(Array(history.bytes[..<end])) } != nil)
        }
    }
}
