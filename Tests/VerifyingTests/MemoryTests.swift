import Foundation
import Testing
import Verifying

/// What a verification needs.
@Suite struct MemoryTests {
    /// Private memory is limited by the system, in a process of its own; the data file is mapped and does not count.
    @Test func `a ledger of 200 MiB is verified with 96 MiB more than a process has anyhow`() async throws {
        let folder = try Folder()
        try withNewLog(at: folder.place()) { log in
            for part in 0..<20 {
                try log.append(
                    (0..<10).map { (stream: Sample.streams[$0 % 3], event: event(part * 10 + $0, payload: 1 << 20)) })
            }
        }
        let path = folder.place()
        await #expect(processExitsWith: .success) { [path = path as String] in
            #expect(MemoryTests.limitData(to: 96 << 20))
            let report = try Verifier(directory: path, workerCount: 2).run()
            #expect(report.verdict == .intact && report.entries == 201)
        }
    }

    @Test func `a process limited so cannot hold 200 MiB`() async {
        await #expect(processExitsWith: .failure) {
            guard MemoryTests.limitData(to: 96 << 20) else { return }
            // Asked of the system directly, so that the refusal is an answer, not a crash.
            guard mmap(nil, 200 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED else {
                exit(1)
            }
        }
    }

    /// Lets the process have `more` bytes of private memory than it has now.
    private static func limitData(to more: Int) -> Bool {
        var limit = rlimit()
        limit.rlim_cur = rlim_t(dataByteCount + more)
        limit.rlim_max = limit.rlim_cur
        return setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit) == 0
    }

    /// Bytes of the process's private memory that can be written.
    private static var dataByteCount: Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmData:") } ?? ""
        return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
    }
}
