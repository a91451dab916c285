extension JSONScanner {
    /// Objects of at most this many members are compared pair by pair, which needs no memory.
    private static let smallObject = 12

    /// Throws when two keys of the object at `index` name the same text, however it is escaped. O(n) in the object's
    /// bytes.
    func checkKeys(of index: Int, count: Int, _ input: Span<UInt8>) throws(JSONError) {
        if count <= JSONScanner.smallObject {
            try checkPairs(of: index, input)
        } else {
            try checkSet(of: index, count: count, input)
        }
    }

    private func checkPairs(of index: Int, _ input: Span<UInt8>) throws(JSONError) {
        let end = Int(tokens[index].next)
        var key = index + 1
        while key < end {
            var other = Int(tokens[key + 1].next)
            let following = other
            while other < end {
                if sameText(tokens[key], tokens[other], input) { throw duplicate(tokens[other], input) }
                other = Int(tokens[other + 1].next)
            }
            key = following
        }
    }

    private func checkSet(of index: Int, count: Int, _ input: Span<UInt8>) throws(JSONError) {
        var seen: Set<[UInt8]> = []
        seen.reserveCapacity(count)
        let end = Int(tokens[index].next)
        var key = index + 1
        while key < end {
            guard seen.insert(JSONText.unescape(tokens[key], input)).inserted else {
                throw duplicate(tokens[key], input)
            }
            key = Int(tokens[key + 1].next)
        }
    }

    private func sameText(_ left: JSONToken, _ right: JSONToken, _ input: Span<UInt8>) -> Bool {
        if left.hasEscapes || right.hasEscapes {
            return JSONText.unescape(left, input) == JSONText.unescape(right, input)
        }
        guard left.end - left.start == right.end - right.start else { return false }
        let distance = Int(right.start) - Int(left.start)
        for offset in left.contents where input[offset] != input[offset + distance] { return false }
        return true
    }

    private func duplicate(_ token: JSONToken, _ input: Span<UInt8>) -> JSONError {
        let name = String(decoding: JSONText.unescape(token, input).prefix(80), as: UTF8.self)
        return JSONError(
            .duplicateKey, "the key \(JSONText.quoted(name)) stands twice in one object; keep one",
            at: Int(token.start), in: input)
    }
}
