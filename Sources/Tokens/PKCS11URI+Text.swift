internal import Digests
public import Signing

extension PKCS11URI {
    /// No URI is longer.
    static let byteLimit = 4_096

    /// Reads `text`. Throws `malformedURI` with what is wrong.
    public init(_ text: String) throws(SigningError) {
        guard PKCS11URI.isMeant(by: text) else { throw PKCS11URI.malformed("it does not begin with pkcs11:") }
        guard text.utf8.count <= PKCS11URI.byteLimit else {
            throw PKCS11URI.malformed("it has \(text.utf8.count) bytes; at most \(PKCS11URI.byteLimit) are read")
        }
        let body = Array(text.utf8.dropFirst("pkcs11:".utf8.count))
        let parts = body.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let path = try PKCS11URI.attributes(
            parts[0], UInt8(ascii: ";"), ["token", "object", "serial", "id", "type"])
        let query = try PKCS11URI.attributes(
            parts.count > 1 ? parts[1] : [], UInt8(ascii: "&"), ["module-path", "pin-source"])
        if let type = path["type"], type != Array("private".utf8) {
            throw PKCS11URI.malformed("of the types only type=private can be signed with")
        }
        try self.init(
            token: PKCS11URI.text(path["token"] ?? [], "token"),
            object: path["object"].map { bytes throws(SigningError) in try PKCS11URI.text(bytes, "object") },
            serial: path["serial"].map { bytes throws(SigningError) in try PKCS11URI.text(bytes, "serial") },
            keyID: path["id"], modulePath: PKCS11URI.text(query["module-path"] ?? [], "module-path"),
            pinSource: query["pin-source"].map { bytes throws(SigningError) in
                try PKCS11URI.source(PKCS11URI.text(bytes, "pin-source"))
            })
    }

    /// The attributes of one part of the URI, percent-decoded, each once and each of `names`.
    private static func attributes(
        _ part: ArraySlice<UInt8>, _ separator: UInt8, _ names: [String]
    ) throws(SigningError) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for attribute in part.split(separator: separator) {
            let pair = attribute.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(decoding: pair[0], as: UTF8.self)
            guard name != "pin-value" else {
                throw malformed("pin-value would show the PIN to every user of the machine: give pin-source=file:/PATH")
            }
            guard pair.count == 2, names.contains(name) else {
                throw malformed("“\(name)” is not read there; \(names.joined(separator: ", ")) are")
            }
            guard found[name] == nil else { throw malformed("“\(name)” stands in it twice") }
            guard let value = decoded(pair[1]) else {
                throw malformed("the value of “\(name)” has a % that no two hexadecimal digits follow, or a blank")
            }
            found[name] = value
        }
        return found
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            guard (0x21...0x7e).contains(text[index]) else { return nil }
            guard text[index] == UInt8(ascii: "%") else {
                output.append(text[index])
                index += 1
                continue
            }
            guard text.endIndex - index >= 3,
                let byte = Hex.decode(String(decoding: text[index + 1..<index + 3], as: UTF8.self))
            else { return nil }
            output += byte
            index += 3
        }
        return output
    }

    private static func text(_ bytes: [UInt8], _ name: String) throws(SigningError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw malformed("the value of “\(name)” is not UTF-8 text")
        }
        return text
    }

    private static func source(_ text: String) throws(SigningError) -> SecretSource {
        if text.hasPrefix("env:"), text.utf8.count > 4 { return .environment(String(text.dropFirst(4))) }
        var path = text.hasPrefix("file:") ? String(text.dropFirst(5)) : text
        if path.hasPrefix("///") { path.removeFirst(2) }
        guard path.hasPrefix("/") else {
            throw malformed("pin-source is file:/PATH with an absolute path, or env:NAME")
        }
        return .file(path)
    }

    /// The URI as text that ``init(_:)`` reads back.
    public var text: String {
        var path = ["token=\(PKCS11URI.encoded(token.utf8))"]
        if let object { path.append("object=\(PKCS11URI.encoded(object.utf8))") }
        if let serial { path.append("serial=\(PKCS11URI.encoded(serial.utf8))") }
        if let keyID { path.append("id=\(PKCS11URI.encoded(keyID))") }
        var query = ["module-path=\(PKCS11URI.encoded(modulePath.utf8))"]
        switch pinSource {
        case .file(let path): query.append("pin-source=file:\(PKCS11URI.encoded(path.utf8))")
        case .environment(let name): query.append("pin-source=env:\(PKCS11URI.encoded(name.utf8))")
        case nil: break
        }
        return "pkcs11:" + path.joined(separator: ";") + "?" + query.joined(separator: "&")
    }

    private static func encoded(_ bytes: some Sequence<UInt8>) -> String {
        var output = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                output.unicodeScalars.append(Unicode.Scalar(byte))
            default: output += "%" + Hex.encode([byte]).uppercased()
            }
        }
        return output
    }
}

extension PKCS11URI: CustomStringConvertible {
    public var description: String { text }
}
