internal import Glibc
internal import JSON
internal import Threading

/// What the figures were measured on.
struct Machine {
    let processor: String
    let processorCount: Int
    let memoryByteCount: UInt64
    let kernel: String
    let fileSystem: String

    /// `directory`: where the ledgers of the benchmark are.
    init(directory: String) {
        processor = Machine.field("model name", of: "/proc/cpuinfo") ?? "unknown"
        processorCount = BlockingPool.processorCount
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        memoryByteCount = UInt64(max(0, pages)) * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
        kernel = Machine.lines(of: "/proc/sys/kernel/osrelease").first ?? "unknown"
        fileSystem = Machine.fileSystem(of: directory)
    }

    var json: JSONObject {
        var object = JSONObject()
        object.add("processor", processor)
        object.add("processors", processorCount)
        object.add("memory", memoryByteCount)
        object.add("kernel", kernel)
        object.add("fileSystem", fileSystem)
        object.add("durability", Machine.durability)
        return object
    }

    /// What an acknowledgement means.
    static let durability = "fdatasync of data and synchronous write of the meta page before every acknowledgement"

    var line: String {
        "\(processorCount) × \(processor), \(memoryByteCount >> 30) GiB, Linux \(kernel), \(fileSystem)"
    }

    private static func fileSystem(of directory: String) -> String {
        guard let real = unsafe realpath(directory, nil) else { return "unknown" }
        defer { unsafe free(real) }
        let path = unsafe String(cString: real)
        let mounts = lines(of: "/proc/mounts").map { $0.split(separator: " ") }
        let found = mounts.filter {
            $0.count > 2 && (path == $0[1] || path.hasPrefix($0[1] == "/" ? "/" : $0[1] + "/"))
        }
        return found.max { $0[1].count < $1[1].count }.map { String($0[2]) } ?? "unknown"
    }

    private static func field(_ name: String, of path: String) -> String? {
        let line = lines(of: path).first { $0.hasPrefix(name) }
        return line?.split(separator: ":", maxSplits: 1).last.map { String($0.drop { $0 == " " }) }
    }

    private static func lines(of path: String) -> [String] {
        guard let file = unsafe fopen(path, "re") else { return [] }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
