import Foundation
import Glibc
import Ledger
import Testing

@testable import Projecting

/// A directory that is removed with its last reference.
final class Scratch: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "mohur-projecting-\(EventID())").path
        mkdir(path, 0o700)
    }

    deinit {
        for name in ["ledger", "other", ""] {
            let directory = "\(path)/\(name)"
            guard let list = opendir(directory) else { continue }
            while let item = readdir(list) {
                unlink(
                    directory + "/"
                        + withUnsafeBytes(of: item.pointee.d_name) {
                            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                        })
            }
            closedir(list)
            rmdir(directory)
        }
    }

    var views: String { path + "/views.sqlite" }

    func ledger(_ name: String = "ledger") async throws -> Ledger {
        var options = LogOptions()
        options.mapSize = 4 << 30
        return try await Ledger.create(
            at: "\(path)/\(name)", origin: Origin("records.example.gov/permits"), options: options)
    }
}

/// The rows of a query, columns separated by `|`, NULL as nothing.
func rows(_ path: String, _ sql: String) throws -> [String] {
    let statement = try Connection(path, .readOnly).statement(sql)
    return try statement.rows { row in
        (0..<row.columnCount).map { row.text($0) }.joined(separator: "|")
    }
}

/// The root of the package.
let packageRoot = String(#filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 })

/// The file `name` of the package as text.
func packageFile(_ name: String) throws -> String {
    let file = try #require(fopen("\(packageRoot)/\(name)", "r"), "\(packageRoot)/\(name)")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return String(decoding: bytes, as: UTF8.self)
}

/// Counts visits of each stream.
let visits = """
    -- projection: visits
    -- version: 1

    -- schema
    CREATE TABLE visits (stream TEXT PRIMARY KEY, count INTEGER NOT NULL, last TEXT) STRICT;

    -- on visit.*
    INSERT INTO visits VALUES ($stream, 1, $text(/by))
    ON CONFLICT (stream) DO UPDATE SET count = count + 1, last = $text(/by);
    """

/// Lists events that are numbered, and stops at one whose number is none.
let numbers = """
    -- projection: numbers
    -- version: 1

    -- schema
    CREATE TABLE numbers (index_ INTEGER PRIMARY KEY, number INTEGER) STRICT;

    -- on visit.made
    INSERT INTO numbers VALUES ($index, $integer(/number));
    """

func visit(_ number: String, by: String = "a") -> Event {
    Event(type: "visit.made", source: "test", payload: .json(#"{"by":"\#(by)","number":\#(number)}"#))
}
