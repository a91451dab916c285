import Glibc

@testable import Interchange

/// Files in a folder of their own that is removed with this value.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array((P_tmpdir + "/mohur-interchange-XXXXXX").utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? ""
    }

    deinit {
        guard !path.isEmpty, let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink(path + "/" + name) }
        }
        closedir(folder)
        rmdir(path)
    }

    func write(_ bytes: [UInt8], as name: String) -> String {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            offset += count
        }
        close(descriptor)
        return file
    }
}

/// Public data sets, which a checkout of the sources need not have.
enum SharedData {
    static let folder: String = {
        if let path = getenv("MOHUR_DATA") { return String(cString: path) }
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/" + root + "/../shared/data"
    }()

    static let receipts = folder + "/coselog-receipt/receipt.xes.gz"
    static let receiptRows = folder + "/coselog-receipt/receipt.csv.gz"
    static var hasReceipts: Bool { access(receipts, R_OK) == 0 && access(receiptRows, R_OK) == 0 }
}

/// All bytes of a file, decompressed when it is gzip.
func contents(ofFile path: String) throws(InterchangeError) -> [UInt8] {
    var file = try InputFile(path: path)
    var bytes: [UInt8] = []
    while let chunk = try file.read() { bytes += chunk }
    return bytes
}

/// All bytes of `bytes` as a file, decompressed when they are gzip.
func contents(of bytes: [UInt8]) throws(InterchangeError) -> [UInt8] {
    var file = InputFile(bytes: bytes, name: "test")
    var output: [UInt8] = []
    while let chunk = try file.read() { output += chunk }
    return output
}

/// All bytes of a file as they are stored.
func rawContents(ofFile path: String) throws(InterchangeError) -> [UInt8] {
    var source = try ByteSource(path: path)
    var bytes: [UInt8] = []
    var chunk: [UInt8] = []
    repeat {
        try source.read(into: &chunk)
        bytes += chunk
    } while !chunk.isEmpty
    return bytes
}
