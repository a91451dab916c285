internal import EventFormat
internal import Glibc
internal import Ledger

/// What becomes of a fault while a ledger's file is read through its map.
///
/// LMDB reads a file that is mapped into memory. Where the file ends too early, or the disk cannot deliver a page, the
/// system raises SIGBUS, and damage to LMDB's own pages may lead it outside of the map, which is SIGSEGV. No check
/// beforehand excludes all of that.
enum MemoryFault {
    private static let message: StaticString = """
        mohur: the ledger's file cannot be read as it should be: it is damaged, or the disk fails; run mohur verify, and \
        look at the system's log

        """

    /// From now on such a fault ends the program with a message and an exit code, as a kill would: what is
    /// acknowledged is recorded.
    static func endsWithMessage() {
        for number in [SIGBUS, SIGSEGV] { signal(number) { _ in MemoryFault.end() } }
    }

    /// Safety: does only what a handler of signals may do, which is to write a text that is part of the program, and
    /// to end.
    private static func end() {
        _ = unsafe write(2, message.utf8Start, message.utf8CodeUnitCount)
        _exit(ExitCode.refused.rawValue)
    }
}

extension Ledger {
    /// Opens for commands that only read: without permission to write the data file that is enough.
    static func openForReading(_ path: String) async throws(LedgerError) -> Ledger {
        MemoryFault.endsWithMessage()
        var options = LogOptions()
        options.readOnly = true
        return try await Ledger.open(at: path, options: options)
    }

    /// Opens for commands that record.
    static func openForWriting(_ path: String) async throws(LedgerError) -> Ledger {
        MemoryFault.endsWithMessage()
        return try await Ledger.open(at: path)
    }
}
