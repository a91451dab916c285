import Foundation
import TestSupport

/// The clients in `Clients`, programs in Python that were written from the specifications and share no code with the
/// package.
enum ForeignClient {
    private static let clients = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Clients").standardizedFileURL.path

    /// Starts `Clients/<words[0]>.py` with pipes for standard input and output.
    static func start(_ words: [String], in folder: Folder) throws -> Child {
        let command = [Python.path ?? "python3", "-B", "\(clients)/\(words[0]).py"] + words.dropFirst()
        return try Child(command, in: folder.path, input: .pipe, output: .pipe, error: "stderr.\(words[0])")
    }

    /// All lines that it prints until it ends.
    static func run(_ words: [String], in folder: Folder) throws -> [String] {
        let child = try start(words, in: folder)
        child.closeInput()
        var lines: [String] = []
        while let line = child.line() { lines.append(line) }
        _ = child.wait(within: 20)
        lines += try folder.lines(of: "stderr.\(words[0])")
        return lines
    }
}
