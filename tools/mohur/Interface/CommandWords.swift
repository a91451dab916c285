internal import EventFormat
internal import Glibc

/// The words of the command line behind the program's name, and the environment's.
enum CommandWords {
    /// Throws ``UsageError`` for a word that is not UTF-8: repaired, it would name another file or stream than was
    /// meant.
    ///
    /// Safety: the system's argument strings live as long as the program, end with a zero byte, and are not written to.
    static func read() throws(UsageError) -> [String] {
        var words: [String] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let pointer = unsafe CommandLine.unsafeArgv[index] else { break }
            guard let word = unsafe String(validatingCString: pointer) else {
                let repaired = unsafe String(cString: pointer)
                throw UsageError("the word \"\(repaired.escapingControls)\" on the command line is not UTF-8", nil)
            }
            words.append(word)
        }
        return words
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
