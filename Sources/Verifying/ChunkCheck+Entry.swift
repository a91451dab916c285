internal import Digests
internal import EventFormat
internal import Keyring
internal import Merkle
internal import StoreFormat

/// The checks of one entry.
extension ChunkCheck {
    /// Returns the entry's leaf hash: the recorded one, or its own where that cannot be relied on; nil when neither
    /// can.
    mutating func check(_ position: Int, of segment: SegmentLayout, _ bytes: Span<UInt8>) -> Digest? {
        let index = EntryIndex(expected)
        let place: Range<Int>
        do throws(StoreError) {
            place = try segment.entry(position, in: bytes)
        } catch {
            findings.add(.storage, at: index, "its place in the segment is damaged: \(error)")
            previousRecorded = nil
            sweep?.addUnreadable()
            return try? segment.leaf(position, in: bytes)
        }
        let entry = bytes.extracting(place)
        let layout: EntryLayout
        do throws(FormatError) {
            layout = try EntryLayout(entry)
        } catch {
            findings.add(.encoding, at: index, "its bytes are not an entry: \(error)")
            previousRecorded = nil
            sweep?.addUnreadable()
            return try? segment.leaf(position, in: bytes)
        }
        if isSwept || layout.append != nil { checkSignature(layout, entry, index) }
        let (leaf, isAltered) = segment.judge(position, own: MerkleHash.leaf(entry), in: bytes)
        if isAltered {
            findings.add(
                .leaf, at: index,
                "its bytes do not have the leaf hash that is recorded for it: one of the two was altered")
        }
        checkPlace(layout, entry, index)
        checkPayload(layout, entry, position, segment, bytes, index)
        multiply(layout, entry, segment.link(position, in: bytes), leaf: leaf, index)
        return leaf
    }

    private mutating func checkSignature(_ layout: EntryLayout, _ entry: Span<UInt8>, _ index: EntryIndex) {
        if layout.append != nil {
            result.signatureCount += 1
            if case .none = rule {
                findings.add(
                    .signature, at: index,
                    "it carries a signature, but the ledger has introduced no key that could have made it")
            }
        }
        guard layout.index == index else {
            sweep?.addUnreadable()
            return
        }
        sweep?.add(layout, in: entry)
    }

    private mutating func checkPlace(_ layout: EntryLayout, _ entry: Span<UInt8>, _ index: EntryIndex) {
        if layout.index != index {
            findings.add(.index, at: index, "entry \(layout.index) is stored in its place")
        }
        if let previousLeaf, layout.previous(in: entry) != previousLeaf {
            let before = index.rawValue == 0 ? "zero" : "the leaf hash of entry \(index.rawValue - 1)"
            findings.add(
                .chain, at: index,
                "it does not name \(before): it or the entry before it was altered, moved or replaced")
        }
        if let previousRecorded, layout.recorded < previousRecorded {
            findings.add(
                .time, at: index,
                "it was recorded at \(layout.recorded), before the entry before it (\(previousRecorded))")
        }
        previousRecorded = layout.recorded
        if index == 0 {
            do throws(FormatError) {
                _ = try Genesis(Entry(layout, in: entry))
            } catch {
                findings.add(.genesis, at: index, "\(error)")
            }
        }
    }

    private mutating func checkPayload(
        _ layout: EntryLayout, _ entry: Span<UInt8>, _ position: Int, _ segment: SegmentLayout, _ bytes: Span<UInt8>,
        _ index: EntryIndex
    ) {
        let range: Range<Int>
        do throws(StoreError) {
            range = try segment.envelope(position, in: bytes)
        } catch {
            findings.add(.payload, at: index, "the place of its payload is damaged: \(error)")
            return
        }
        guard let payload = layout.payload, let digest = layout.payloadDigest(in: entry) else {
            if !range.isEmpty {
                findings.add(.payload, at: index, "a payload is stored for it although it states none")
            }
            return
        }
        let envelope = bytes.extracting(range)
        guard UInt64(range.count) == payload.size, Envelope.digest(envelope) == digest else {
            if Envelope.isRemoved(envelope, size: payload.size) { return contents.judgePayload(at: index, .removed) }
            guard UInt64(range.count) != payload.size else { return contents.judgePayload(at: index, .other) }
            findings.add(.payload, at: index, "its payload has \(range.count) bytes; the entry states \(payload.size)")
            return
        }
        contents.judgePayload(at: index, .recorded)
        if payload.form == .clear, range.count < Envelope.saltByteCount {
            findings.add(.payload, at: index, "its payload's envelope is too short to have its salt")
        } else {
            let names = ContentName.names(in: envelope, of: layout, entry: entry)
            for name in names { contents.look(for: name, at: index) }
        }
    }

    /// Multiplies what the entry says into the products, if the index tables cover it, and checks its jump.
    private mutating func multiply(
        _ layout: EntryLayout, _ entry: Span<UInt8>, _ link: StreamLink, leaf: Digest, _ index: EntryIndex
    ) {
        let stream = key.hash(stream: entry.extracting(layout.stream.start..<layout.stream.end))
        let revision = layout.revision.rawValue
        let place = key.place(stream, revision)
        if index.rawValue < indexed {
            result.ids.multiply(by: key.factor(id: layout.id(in: entry), index: index.rawValue))
            result.entries.multiply(by: key.factor(place, leaf: leaf, index: index.rawValue))
            if revision > 0, let before = layout.streamPrevious(in: entry) {
                let place = key.place(stream, revision - 1)
                result.predecessors.multiply(
                    by: key.factor(place, leaf: before, index: link.previous?.rawValue ?? .max))
            }
        }
        places[Int(index.rawValue - range.lowerBound)] = place.number
        checkJump(layout, entry, stream, link, index)
    }

    private mutating func checkJump(
        _ layout: EntryLayout, _ entry: Span<UInt8>, _ stream: StreamHash, _ link: StreamLink, _ index: EntryIndex
    ) {
        guard let target = jumps.target(of: layout.revision) else {
            if link != StreamLink(previous: nil, jump: nil) {
                findings.add(.link, at: index, "the first entry of a stream has links")
            }
            return
        }
        if target.rawValue + 1 == layout.revision.rawValue, link.jump == link.previous { return }
        guard let jump = link.jump, jump < index else {
            findings.add(.link, at: index, "its jump does not lead to an earlier entry")
            return
        }
        if !leads(to: jump.rawValue, target, layout, entry, stream) {
            findings.add(
                .link, at: index, "its jump leads to entry \(jump), which is not revision \(target) of its stream")
        }
    }

    /// Whether the entry at `jump` is the `revision` of the stream of the entry given.
    private mutating func leads(
        to jump: UInt64, _ revision: Revision, _ layout: EntryLayout, _ entry: Span<UInt8>, _ stream: StreamHash
    ) -> Bool {
        if jump >= range.lowerBound {
            return places[Int(jump - range.lowerBound)] == key.place(stream, revision.rawValue).number
        }
        let name = entry.extracting(layout.stream.start..<layout.stream.end)
        return view.entry(jump) { other, bytes in
            other.revision == revision
                && bytes.extracting(other.stream.start..<other.stream.end).isSame(as: name)
        } == true
    }
}
