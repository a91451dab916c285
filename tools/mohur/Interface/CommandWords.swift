internal import EventFormat
internal import Glibc
internal import Processes

/// The words of the command line behind the program's name, and the environment's.
enum CommandWords {
    /// Throws ``UsageError`` for a word that is not UTF-8.
    static func read() throws(UsageError) -> [String] {
        do throws(ProcessError) { return try ThisProcess.words() } catch {
            throw UsageError(error.reason.escapingControls, nil)
        }
    }

    /// The value of an environment variable; nil when it is not set, or empty. Throws ``UsageError`` when it is not
    /// UTF-8.
    ///
    /// Safety: the text is copied at once, and nothing here changes the environment.
    static func environment(_ name: String) throws(UsageError) -> String? {
        guard let pointer = unsafe getenv(name), unsafe pointer.pointee != 0 else { return nil }
        guard let value = unsafe String(validatingCString: pointer) else {
            throw UsageError("the variable \(name) is not UTF-8", nil)
        }
        return value
    }
}
