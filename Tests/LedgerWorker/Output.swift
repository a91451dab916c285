import Glibc

/// Lines that are in the system's hands as soon as they are written, so that killing the process loses none.
enum Output {
    static func line(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        let count = write(1, bytes, bytes.count)
        precondition(count == bytes.count, "standard output took only a part of a line")
    }

    /// Puts an `A` behind the letters of the system calls that led to an acknowledgement.
    static func traceAcknowledgement() {
        guard let path = getenv("FAULT_TRACE") else { return }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let letter: [UInt8] = [UInt8(ascii: "A")]
        precondition(write(descriptor, letter, 1) == 1, "the trace took nothing")
        close(descriptor)
    }
}
