import Foundation
import StoreFormat
import Verifying

/// A directory of its own, removed at the end.
final class Folder {
    let path: String
    var dataFile: String { "\(path)/\(StoreLayout.dataFileName)" }

    init() throws {
        path = "\(NSTemporaryDirectory())/verifying-\(UUID())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A directory with a data file of these bytes.
    convenience init(dataFile bytes: [UInt8]) throws {
        try self.init()
        try Data(bytes).write(to: URL(fileURLWithPath: dataFile))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path inside, at which nothing is yet.
    func place(_ name: String = "ledger") -> String { "\(path)/\(name)" }

    func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: dataFile))) }
}

/// Verifies on one thread.
func verify(_ directory: String, known: [Verifier.KnownRoot] = []) throws -> VerificationReport {
    try Verifier(directory: directory, workerCount: 1, known: known).run()
}

/// A file whose bytes a test changes in place.
final class OpenFile {
    private let descriptor: Int32
    let count: Int

    init(_ path: String) throws {
        descriptor = open(path, O_RDWR)
        guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown) }
        count = Int(lseek(descriptor, 0, SEEK_END))
    }

    deinit { close(descriptor) }

    func write(_ byte: UInt8, at offset: Int) {
        var byte = byte
        precondition(pwrite(descriptor, &byte, 1, off_t(offset)) == 1, "the test writes inside its file")
    }
}
