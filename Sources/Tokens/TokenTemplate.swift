internal import CPKCS11

/// A list of attributes that an object of a token has or is to have.
struct TokenTemplate {
    private var attributes: [(type: CK_ATTRIBUTE_TYPE, value: [UInt8])] = []

    /// Adds bytes as they are.
    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ value: [UInt8]) { attributes.append((type, value)) }

    /// Adds a number (CK_ULONG in memory order).
    mutating func add(_ type: CK_ATTRIBUTE_TYPE, number: CK_ULONG) {
        // The number's own bytes are copied.
        attributes.append((type, unsafe withUnsafeBytes(of: number) { unsafe Array($0) }))
    }

    /// Adds a truth value (CK_BBOOL).
    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ flag: Bool) { attributes.append((type, [flag ? 1 : 0])) }

    /// Calls `body` with the list as PKCS#11 wants it, valid during the call.
    func withAttributes<R>(_ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, CK_ULONG) -> R) -> R {
        // All values stand in one store, each at a multiple of eight, so that their addresses hold during the one call.
        var store: [UInt8] = []
        var offsets: [Int] = []
        for attribute in attributes {
            store += [UInt8](repeating: 0, count: (8 - store.count % 8) % 8)
            offsets.append(store.count)
            store += attribute.value
        }
        return unsafe store.withUnsafeMutableBytes { bytes in
            var list = unsafe zip(attributes, offsets).map { attribute, offset in
                unsafe CK_ATTRIBUTE(
                    type: attribute.type, pValue: bytes.baseAddress.map { unsafe $0 + offset },
                    ulValueLen: CK_ULONG(attribute.value.count))
            }
            return unsafe list.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress, CK_ULONG($0.count)) }
        }
    }
}
