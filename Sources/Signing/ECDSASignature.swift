/// The two ways to write an ECDSA signature on P-256: r ‖ s, 32 bytes each, as Mohur records it, and the DER
/// SEQUENCE of two INTEGERs (RFC 3279 §2.2.3) that libcrypto wants.
package enum ECDSASignature {
    private static let numberByteCount = 32

    /// The DER form of the 64 bytes of r ‖ s.
    static func der(_ signature: Span<UInt8>) -> [UInt8] {
        precondition(signature.count == 2 * numberByteCount, "r and s have 32 bytes each")
        var body: [UInt8] = []
        for start in [0, numberByteCount] {
            var first = start
            while first < start + numberByteCount - 1 && signature[first] == 0 { first += 1 }
            let isHigh = signature[first] & 0x80 != 0
            body += [0x02, UInt8(start + numberByteCount - first + (isHigh ? 1 : 0))]
            if isHigh { body.append(0) }
            for index in first..<start + numberByteCount { body.append(signature[index]) }
        }
        return [0x30, UInt8(body.count)] + body
    }

    /// r ‖ s of the DER form, nil when it is not the one such form of two numbers below 2²⁵⁶.
    package static func raw(_ der: [UInt8]) -> [UInt8]? {
        guard der.count >= 2, der[0] == 0x30, Int(der[1]) == der.count - 2, der[1] < 0x80 else { return nil }
        var rest = der[2...]
        guard let first = number(&rest), let second = number(&rest), rest.isEmpty else { return nil }
        return first + second
    }

    /// Takes an INTEGER from the front of `rest` and returns its 32 bytes.
    private static func number(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.count >= 3, rest.removeFirst() == 0x02 else { return nil }
        let count = Int(rest.removeFirst())
        guard count >= 1, count <= rest.count else { return nil }
        var digits = rest.prefix(count)
        rest = rest.dropFirst(count)
        guard digits[digits.startIndex] < 0x80 else { return nil }
        if count > 1 && digits[digits.startIndex] == 0 {
            digits = digits.dropFirst()
            guard digits[digits.startIndex] >= 0x80 else { return nil }
        }
        guard digits.count <= numberByteCount else { return nil }
        return [UInt8](repeating: 0, count: numberByteCount - digits.count) + digits
    }
}
