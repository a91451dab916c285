internal import EventFormat
internal import Glibc

/// The words of the command line behind the program's name.
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
}
