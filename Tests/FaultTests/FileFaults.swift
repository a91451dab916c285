import Foundation
import Testing

/// Strikes the first, second, third … call on files below a folder, until a run passes untouched.
enum FileFaults {
    /// How a call is struck: by a kill, or by failing.
    static let actions = ["kill", "EIO", "ENOSPC", "short"]

    /// Runs `round` for call after call with what to call it, and the variables of the process that is to be struck;
    /// `round` returns how that process ended. Returns the number of the first call that was not there to be struck.
    static func sweep(
        _ action: String, below path: String, in folder: Folder,
        _ round: (_ note: String, _ variables: [String: String]) async throws -> Int32?
    ) async throws -> Int {
        let trace = folder.path("trace")
        for number in 1...1000 {
            try? FileManager.default.removeItem(atPath: trace)
            let variables = [
                "FAULT_KIND": "file", "FAULT_FOLDER": path, "FAULT_AT": "\(number)", "FAULT_ACTION": action,
                "FAULT_TRACE": trace, "LD_PRELOAD": Child.injection,
            ]
            let status = try await round("\(action) at \(number)", variables)
            try #require(status != nil, "\(action) at \(number): the process did not end")
            // The trace also tells of calls on a ledger's data file that passed.
            let wasStruck = try? String(contentsOfFile: trace, encoding: .utf8).contains("!")
            guard status != 0 || wasStruck == true else { return number }
        }
        throw Failure(text: "there was no end to the calls")
    }
}

extension Folder {
    /// The bytes of all files below `name`, by their paths there; empty when nothing is there.
    func content(below name: String) throws -> [String: [UInt8]] {
        var content: [String: [UInt8]] = [:]
        guard let walker = FileManager.default.enumerator(atPath: path(name)) else { return [:] }
        for case let file as String in walker {
            var isFolder: ObjCBool = false
            let place = path("\(name)/\(file)")
            guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            content[file] = Array(try Data(contentsOf: URL(fileURLWithPath: place)))
        }
        return content
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    func remove(_ name: String) throws {
        if exists(name) { try FileManager.default.removeItem(atPath: path(name)) }
    }

    /// Puts a copy of `name` at `other`, in place of what is there; of nothing, nothing.
    func copy(_ name: String, to other: String) throws {
        try remove(other)
        if exists(name) { try FileManager.default.copyItem(atPath: path(name), toPath: path(other)) }
    }
}
