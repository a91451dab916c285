import EventFormat
import EventLog
import Foundation

/// A directory of its own, removed with all that is in it when the last reference goes.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("log-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func makeLog() throws -> EventLog {
        let genesis = Genesis(origin: try Origin("records.example.gov/tests"))
        return try EventLog.create(at: "\(path)/log", genesis: genesis.event)
    }
}

func request(_ stream: StreamName = "a-1") throws -> AppendRequest {
    try AppendRequest(.ofStream([Event(type: "t", source: "s")], stream))
}

/// What `body` throws; nil when it throws nothing.
func refusal<R>(_ body: () throws -> R) -> LogError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? LogError
    }
}
