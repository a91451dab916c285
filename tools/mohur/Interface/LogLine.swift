internal import EventFormat
internal import Glibc

/// Lines of a program that serves, on standard error, from any thread.
enum LogLine {
    /// Writes the line, or as much of it as is taken: nobody may be made to wait or to end by whoever reads the log.
    ///
    /// Safety: the pointer is used during the call only.
    static func write(_ text: String) {
        let bytes = Array((text.escapingControls + "\n").utf8)
        // One call a line: lines of several threads do not mix.
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
    }
}
