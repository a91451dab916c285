import Foundation

/// The program under test, which is built beside the test bundle.
enum Mohur {
    static let directory = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .path
    static let path = "\(directory)/mohur"

    /// What a run ended with.
    struct Ending {
        /// nil when it had to be killed.
        let code: Int32?
        let output: String
        let error: String
    }

    /// A crash is to end the program at once, without a report.
    static let environment = ["SWIFT_BACKTRACE": "enable=no", "LC_ALL": "C.UTF-8"]

    /// Runs the program with `words` in `folder` to its end.
    static func run(
        _ words: [String], in folder: Folder, input: Child.Stream = .null, environment extra: [String: String] = [:]
    ) throws -> Ending {
        let names = (output: "stdout.\(UUID().uuidString)", error: "stderr.\(UUID().uuidString)")
        let child = try Child(
            [path] + words, in: folder.path, input: input, output: .file(names.output), error: names.error,
            environment: environment.merging(extra) { $1 })
        let code = child.wait()
        let output = String(decoding: try folder.read(names.output), as: UTF8.self)
        let error = String(decoding: try folder.read(names.error), as: UTF8.self)
        for name in [names.output, names.error] { unlink(folder.path(name)) }
        return Ending(code: code, output: output, error: error)
    }

    /// Starts the program with pipes for standard input and output.
    static func start(_ words: [String], in folder: Folder) throws -> Child {
        try Child(
            [path] + words, in: folder.path, input: .pipe, output: .pipe, error: "stderr.started",
            environment: environment)
    }
}

/// The lines of a text.
func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init)
}
