internal import CExpat

/// One start tag: names without prefixes, attributes without a namespace in the order of the text.
struct XMLElement {
    /// The namespace's URI, empty when there is none.
    let namespace: String
    let name: String
    let attributes: [(name: String, value: String)]

    subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }
}

/// Feeds XML to an ``XESBuilder``, refusing document type declarations and so every entity that a file could define.
///
/// The only file that calls expat. The parser is freed with this value. Expat calls back only inside of `XML_Parse`,
/// with the address of ``Bridge``, which lives as long; the texts it lends are copied before the callback returns.
@safe
struct ExpatParser: ~Copyable {
    /// The most bytes that expat may hold because a tag, comment or other token is unfinished: 8 MiB, for tokens of
    /// up to half of it.
    private static let maximumPendingByteCount = 8 << 20

    private let parser: XML_Parser
    private let bridge: Bridge
    private var fedByteCount = 0
    /// Where the first token begins that is not parsed.
    private var parsedByteCount = 0
    let file: String

    init(file: String) {
        // The separator cannot occur in a name, nor can it in a URI.
        guard let parser = unsafe XML_ParserCreateNS(nil, XML_Char(bitPattern: UInt8(ascii: "\n"))) else {
            preconditionFailure("expat has no memory for a parser")
        }
        unsafe self.parser = parser
        self.file = file
        bridge = unsafe Bridge(parser: parser, file: file)
        unsafe XML_SetUserData(parser, Unmanaged.passUnretained(bridge).toOpaque())
        unsafe XML_SetElementHandler(
            parser,
            { context, name, attributes in
                guard let context = unsafe context, let name = unsafe name else { return }
                unsafe Bridge.of(context).start(name, attributes)
            },
            { context, _ in
                guard let context = unsafe context else { return }
                unsafe Bridge.of(context).end()
            })
        unsafe XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
            guard let context = unsafe context else { return }
            unsafe Bridge.of(context).refuseDoctype()
        }
    }

    deinit {
        unsafe XML_ParserFree(parser)
    }

    /// The oldest complete trace that was not taken yet.
    mutating func takeTrace() -> XESTrace? { bridge.builder.takeTrace() }

    var logName: String? { bridge.builder.logName }

    /// The place that expat has come to.
    var place: InterchangeError.Place { bridge.place }

    /// Parses the next bytes, the last ones when `isFinal`.
    mutating func feed(_ bytes: [UInt8], isFinal: Bool) throws(InterchangeError) {
        fedByteCount += bytes.count
        let parser = unsafe self.parser
        let status = unsafe bytes.withUnsafeBytes { buffer in
            unsafe XML_Parse(
                parser, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), isFinal ? 1 : 0)
        }
        if let fault = bridge.fault { throw fault }
        guard status == XML_STATUS_OK else { throw failure(isFinal: isFinal) }
        // Expat knows no index while it waits for an unfinished token to double.
        let index = unsafe Int(XML_GetCurrentByteIndex(parser))
        if index >= 0 { parsedByteCount = index }
        guard isFinal || fedByteCount - parsedByteCount <= ExpatParser.maximumPendingByteCount
        else {
            throw InterchangeError(
                .tooLarge, "a tag or comment has more than \(ExpatParser.maximumPendingByteCount / 2) bytes",
                at: bridge.place)
        }
    }

    private func failure(isFinal: Bool) -> InterchangeError {
        let code = unsafe XML_GetErrorCode(parser)
        if isFinal, fedByteCount == 0 {
            return InterchangeError(
                .truncated, "the file is empty; an XES log has a log element", at: .init(file: file))
        }
        switch code {
        case XML_ERROR_NO_ELEMENTS, XML_ERROR_UNCLOSED_TOKEN, XML_ERROR_PARTIAL_CHAR, XML_ERROR_UNCLOSED_CDATA_SECTION:
            return InterchangeError(
                .truncated, "the file ends before the log does; it may be cut off: copy or download it again",
                at: bridge.place)
        case XML_ERROR_NO_MEMORY:
            return InterchangeError(.tooLarge, "the system has no memory left for the file", at: bridge.place)
        default:
            let text = unsafe XML_ErrorString(code).map { unsafe String(cString: $0) } ?? "error \(code.rawValue)"
            return InterchangeError(.syntax, "the XML is broken: \(text)", at: bridge.place)
        }
    }

    /// What expat's callbacks reach: the builder, and the first error that stopped it.
    @safe
    private final class Bridge {
        private let parser: XML_Parser
        private let file: String
        var builder: XESBuilder
        private(set) var fault: InterchangeError?

        init(parser: XML_Parser, file: String) {
            unsafe self.parser = parser
            self.file = file
            builder = XESBuilder(file: file)
        }

        static func of(_ context: UnsafeMutableRawPointer) -> Bridge {
            unsafe Unmanaged<Bridge>.fromOpaque(context).takeUnretainedValue()
        }

        /// Where expat stands: the start of the token that it is at.
        var place: InterchangeError.Place {
            unsafe .init(
                file: file, line: Int(XML_GetCurrentLineNumber(parser)),
                column: Int(XML_GetCurrentColumnNumber(parser)) + 1)
        }

        func start(_ name: UnsafePointer<CChar>, _ list: UnsafeMutablePointer<UnsafePointer<CChar>?>?) {
            attempt { () throws(InterchangeError) in
                var attributes: [(name: String, value: String)] = []
                var index = 0
                while let key = unsafe list?[index], let value = unsafe list?[index + 1] {
                    attributes.append((unsafe String(cString: key), try unsafe text(value)))
                    index += 2
                }
                let full = unsafe String(cString: name)
                let split = full.utf8.lastIndex(of: UInt8(ascii: "\n"))
                let element = XMLElement(
                    namespace: split.map { String(full[..<$0]) } ?? "",
                    name: split.map { String(full[full.utf8.index(after: $0)...]) } ?? full, attributes: attributes)
                try builder.start(element, at: place)
            }
        }

        func end() {
            attempt { () throws(InterchangeError) in builder.end() }
        }

        func refuseDoctype() {
            attempt { () throws(InterchangeError) in
                throw InterchangeError(
                    .unsupported,
                    "a document type declaration is refused, since its entities may be a trap; remove <!DOCTYPE …>",
                    at: place)
            }
        }

        private func text(_ value: UnsafePointer<CChar>) throws(InterchangeError) -> String {
            let text = unsafe String(cString: value)
            guard text.utf8.count <= XESReader.maximumValueByteCount else {
                throw InterchangeError(
                    .tooLarge, "an attribute's value has more than \(XESReader.maximumValueByteCount) bytes", at: place)
            }
            return text
        }

        /// Runs `body` unless an error came before; an error stops expat.
        private func attempt(_ body: () throws(InterchangeError) -> Void) {
            guard fault == nil else { return }
            do throws(InterchangeError) {
                try body()
            } catch {
                fault = error
                unsafe XML_StopParser(parser, 0)
            }
        }
    }
}
