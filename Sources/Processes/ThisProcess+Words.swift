extension ThisProcess {
    /// The words of the command line behind the program's name.
    ///
    /// Throws ``ProcessError/Code/notUTF8`` for a word that is not UTF-8: repaired, it would name another file than was
    /// meant.
    ///
    /// Safety: the system's argument strings live as long as the program, end with a zero byte, and are not written to.
    public static func words() throws(ProcessError) -> [String] {
        var words: [String] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let pointer = unsafe CommandLine.unsafeArgv[index] else { break }
            guard let word = unsafe String(validatingCString: pointer) else {
                let repaired = unsafe String(cString: pointer)
                throw ProcessError(.notUTF8, "the word \"\(repaired)\" on the command line is not UTF-8")
            }
            words.append(word)
        }
        return words
    }
}
