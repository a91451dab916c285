/// The traces of an XES file (IEEE 1849-2016 and the XES 1.0 and 2.0 that came before), plain or gzip, one at a time.
///
/// Memory is bounded by one trace. Elements of the XES namespace, of the log's own namespace and of none are read,
/// whatever their prefix; foreign elements are passed over with their contents, and so are the log's own attributes,
/// extensions, globals and classifiers. Refused are document type declarations (and so all entities that a file
/// defines), events outside of traces, elements with a `key` that are no attribute type, and what exceeds the limits
/// below.
public struct XESReader: ~Copyable {
    /// The most bytes of one attribute's value: 1 MiB.
    public static let maximumValueByteCount = 1 << 20
    /// How deep elements may be nested, the log being the first.
    public static let maximumDepth = 64
    /// The most memory of one trace with its events: 64 MiB.
    public static let maximumTraceByteCount = 64 << 20

    private var input: InputFile
    private var parser: ExpatParser
    private var fault: InterchangeError?
    private var isFinished = false

    public init(_ input: consuming InputFile) {
        parser = ExpatParser(file: input.name)
        self.input = input
    }

    /// The log's own `concept:name`; files have it before their traces, so that it is known once the first is read.
    public var logName: String? { parser.logName }

    /// The next trace, or nil behind the last.
    ///
    /// All complete traces before a fault are returned first; then ``InterchangeError`` names file, line and column.
    /// After it, and after the last trace, every call returns nil.
    public mutating func next() throws(InterchangeError) -> XESTrace? {
        while true {
            if let trace = parser.takeTrace() { return trace }
            if let fault {
                self.fault = nil
                throw fault
            }
            if isFinished { return nil }
            do throws(InterchangeError) {
                try feed()
            } catch {
                fault = error
                isFinished = true
            }
        }
    }

    private mutating func feed() throws(InterchangeError) {
        let chunk: [UInt8]?
        do throws(InterchangeError) {
            chunk = try input.read()
        } catch {
            throw error.located(at: parser.place)
        }
        isFinished = chunk == nil
        try parser.feed(chunk ?? [], isFinal: chunk == nil)
    }
}
