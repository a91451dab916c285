internal import Glibc

/// The memory of processes, from `/proc` (proc(5)).
///
/// Safety: the calls fill a buffer of ours during the call only.
public enum ResidentMemory {
    /// Bytes of anonymous resident memory of the process `id`: its heap and stacks, not the pages of files that it
    /// maps. Nil when the process has ended.
    public static func anonymous(of id: Int32) -> UInt64? {
        field("RssAnon:", of: "/proc/\(id)/status").map { $0 << 10 }
    }

    /// The processes that the main thread of `id` has started.
    public static func children(of id: Int32) -> [Int32] {
        text(of: "/proc/\(id)/task/\(id)/children").split(separator: " ").compactMap { Int32($0) }
    }

    private static func field(_ name: String, of path: String) -> UInt64? {
        let lines = text(of: path).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix(name) }) else { return nil }
        return line.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { UInt64($0) }
    }

    /// The beginning of a file, 8 KiB at most.
    private static func text(of path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 13)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
