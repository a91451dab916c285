internal import EventFormat
internal import Glibc

/// Standard output, buffered, and standard error.
///
/// What is printed for people may hold foreign text: names of files, streams and keys, what servers and modules answer.
/// It goes through here as a `String`, so that no terminal acts on it. Bytes are for machines and stay as they are.
@MainActor enum Output {
    private static var buffer: [UInt8] = []
    /// How the program ends when the reader of standard output has gone away: quietly, as other tools do, unless it
    /// was to do more than print.
    static var exitCodeWithoutReader = ExitCode.done.rawValue

    /// Writes text for people and a newline to standard output.
    static func line(_ text: String) {
        line(Array(text.escapingForTerminal.utf8))
    }

    /// Writes bytes for machines and a newline to standard output, as they are.
    static func line(_ bytes: [UInt8]) {
        buffer.append(contentsOf: bytes)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= 1 << 16 { flush() }
    }

    /// Writes bytes that end their own lines to standard output, as they are.
    static func text(_ bytes: [UInt8]) {
        buffer.append(contentsOf: bytes)
    }

    /// Hands everything to the system.
    static func flush() {
        write(buffer, to: 1)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes text for people and a newline to standard error, after what standard output holds.
    static func error(_ text: String) {
        flush()
        status(text)
    }

    /// Writes text for people and a newline to standard error.
    static func status(_ text: String) {
        write(Array((text.escapingForTerminal + "\n").utf8), to: 2)
    }

    /// Ends the program, which cannot tell what it has done.
    ///
    /// Safety: strerror's text is copied at once.
    private static func end(_ descriptor: Int32, _ number: Int32) -> Never {
        guard descriptor == 1 else { exit(ExitCode.couldNotRun.rawValue) }
        guard number != EPIPE else { exit(exitCodeWithoutReader) }
        let cause = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        status(
            "mohur: standard output cannot be written: \(cause); what the command was asked to do may have been done: "
                + "look before you run it again")
        exit(ExitCode.couldNotRun.rawValue)
    }

    /// Safety: the pointer is used during the call only. A reader that has gone away ends the program, see
    /// ``exitCodeWithoutReader``.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.write(descriptor, raw.baseAddress! + offset, raw.count - offset)
            }
            if count > 0 {
                offset += count
            } else if errno != EINTR {
                end(descriptor, errno)
            }
        }
    }
}
