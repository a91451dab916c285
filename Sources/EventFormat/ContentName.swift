public import Digests

/// The name of a content, the bytes of a document: their SHA-256, as a URI of RFC 6920.
///
/// The digest has no prefix and no salt, so that whoever holds the document can compare it with any program. A name
/// stands in payloads only, never in an entry.
public struct ContentName: Hashable, Sendable {
    /// SHA-256 of the content's bytes.
    public let digest: Digest

    /// What every name begins with. Without an authority behind the two slashes the content is the ledger's own.
    public static let prefix = "ni:///sha-256;"
    /// The characters of a digest in base64url without padding.
    static let codeByteCount = 43
    /// The bytes of a name.
    public static let byteCount = prefix.utf8.count + codeByteCount

    public init(_ digest: Digest) { self.digest = digest }

    /// The name of `bytes`. O(n).
    public init(of bytes: Span<UInt8>) { digest = SHA256.hash(bytes) }

    /// Reads what ``text`` writes and nothing else; nil for everything else.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let prefix = ContentName.prefix.utf8
        guard bytes.count == ContentName.byteCount, bytes.starts(with: prefix),
            let digest = ContentName.digest(code: bytes[prefix.count...])
        else { return nil }
        self.digest = digest
    }

    /// `ni:///sha-256;` and the digest in base64url without padding (RFC 4648 §5).
    public var text: String {
        var code: [UInt8] = []
        Base64.append(digest.bytes, to: &code)
        let url = code.prefix(ContentName.codeByteCount).map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return ContentName.prefix + String(decoding: url, as: UTF8.self)
    }

    /// The digest that 43 characters of base64url spell; nil when they spell none, or in another way than ``text``.
    static func digest(code: some Sequence<UInt8>) -> Digest? {
        var plain: [UInt8] = []
        plain.reserveCapacity(codeByteCount + 1)
        for byte in code {
            switch byte {
            case UInt8(ascii: "-"): plain.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): plain.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: plain.append(byte)
            }
        }
        guard plain.count == codeByteCount else { return nil }
        plain.append(UInt8(ascii: "="))
        return Base64.decode(plain).flatMap { Digest(bytes: $0) }
    }
}

extension ContentName: CustomStringConvertible {
    public var description: String { text }
}

extension ContentName: Comparable {
    /// By the digests' bytes, and so by the hexadecimal digits of files named after them.
    public static func < (left: ContentName, right: ContentName) -> Bool {
        left.digest.withBytes { left in
            right.digest.withBytes { right in
                for index in left.indices where left[index] != right[index] { return left[index] < right[index] }
                return false
            }
        }
    }
}
