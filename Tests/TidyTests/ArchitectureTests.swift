import Foundation
import Testing

/// ARCHITECTURE.md, held to the tree.
@Suite struct ArchitectureTests {
    private static let page = Tree.text("ARCHITECTURE.md")

    /// The code map's rows: folder names to the modules that they may import.
    private static var codeMap: [String: Set<String>] {
        var map: [String: Set<String>] = [:]
        for line in page.components(separatedBy: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count >= 5 else { continue }
            for folder in cells[1].components(separatedBy: ", ") {
                let name =
                    folder.trimmingCharacters(in: CharacterSet(charactersIn: "`")).components(separatedBy: "/").last
                    ?? ""
                map[name] = Set(cells[3].components(separatedBy: ", ").filter { !$0.isEmpty })
            }
        }
        return map
    }

    private static var importLine: Regex<(Substring, Substring)> {
        /^(?:@[a-zA-Z_]+ )?(?:public |internal |package |private )?import (?:struct |enum |class )?([A-Za-z0-9_]+)/
    }

    @Test func `every folder of Sources stands in the code map, and every row is a folder`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Tree.root.appending(path: "Sources").path)
        let rows = Set(Self.codeMap.keys)
        #expect(Set(folders).subtracting(rows) == [])
        let others: Set = ["projections", "mohur", "mohur-verify", "run", "test", "packages", "bench"]
        #expect(rows.subtracting(folders).subtracting(others) == [])
    }

    @Test func `a module imports only what its row names (A1)`() {
        let map = Self.codeMap
        let system: Set = ["Glibc", "Synchronization", "Dispatch"]
        for file in Tree.files(["Sources"]) {
            guard let allowed = map[file.module] else { continue }
            for line in file.lines {
                guard let name = line.firstMatch(of: Self.importLine).map({ String($0.1) }), !system.contains(name)
                else { continue }
                #expect(
                    allowed.contains(name), "\(file.path) imports \(name), which its row of the code map does not name")
            }
        }
    }

    @Test func `the verifier knows nothing of the writer (A2), and only Fetching imports Foundation (A4)`() {
        for file in Tree.sources {
            let imports = Set(file.lines.compactMap { $0.firstMatch(of: Self.importLine).map { String($0.1) } })
            if file.module != "Fetching" {
                let foundation = imports.filter { $0.hasPrefix("Foundation") }
                #expect(foundation.isEmpty, "\(file.path) imports Foundation")
            }
            #expect(!file.lines.contains { $0.hasPrefix("public import Foundation") }, "\(file.path) shows Foundation")
            if file.module == "Verifying" || file.module == "LMDBFile" {
                #expect(imports.isDisjoint(with: ["EventLog", "Ledger", "CLMDB"]), "\(file.path) imports the writer")
            }
            if ["Auditing", "ArchiveFormat", "Keyring", "Transparency", "mohur-verify"].contains(file.module) {
                let writers: Set = ["EventLog", "Ledger", "StoreFormat", "LMDBFile", "CLMDB"]
                #expect(imports.isDisjoint(with: writers), "\(file.path) imports what writes (A2b)")
            }
            if !["EventLog", "Peers"].contains(file.module) {
                #expect(!imports.contains("CLMDB"), "\(file.path) calls liblmdb (A5)")
            }
        }
    }

    @Test func `pure modules do no input or output (A3)`() {
        for file in Tree.sources
        where ["Digests", "Merkle", "EventFormat", "StoreFormat", "JSON", "Simulating"].contains(file.module) {
            let importsGlibc = file.lines.contains { $0.hasSuffix("import Glibc") }
            let mayImport = ["Timestamp.swift", "RandomBytes.swift"].contains(file.name)
            #expect(!importsGlibc || mayImport, "\(file.path) imports Glibc")
        }
    }

    @Test func `no sync flag weakens LMDB's durability (A5)`() {
        for file in Tree.sources {
            for flag in ["MDB_NOSYNC", "MDB_NOMETASYNC", "MDB_MAPASYNC", "MDB_WRITEMAP", "MDB_NOLOCK"] {
                #expect(!file.lines.contains { $0.contains(flag) && !$0.contains("//") }, "\(file.path) uses \(flag)")
            }
        }
    }

    @Test func `unsafe code stands only in the files that are listed (A8)`() {
        let start = Self.page.range(of: "### Files with unsafe code")?.upperBound ?? Self.page.startIndex
        let end = Self.page.range(of: "Each says beside the call")?.lowerBound ?? Self.page.endIndex
        let section = String(Self.page[start..<end])
        var unlisted: Set<String> = []
        var found: Set<String> = []
        for file in Tree.sources {
            let isUnsafe = file.lines.contains {
                $0.contains(/\bunsafe\b/) && !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//")
            }
            guard isUnsafe else { continue }
            found.insert(file.name)
            let isListed = section.contains("`\(file.name)`") || file.path.hasPrefix("Sources/EventLog/LMDB/")
            if !isListed { unlisted.insert(file.path) }
        }
        #expect(unlisted == [])
        let listed = section.matches(of: /`([A-Za-z+]+\.swift)`/).map { String($0.1) }
        #expect(!listed.isEmpty)
        #expect(Set(listed).subtracting(found) == [], "these files have no unsafe code any more")
    }

    @Test func `an unchecked Sendable has its proof right above it`() {
        for file in Tree.sources {
            for (number, line) in file.lines.enumerated()
            where line.contains("@unchecked Sendable") && !line.contains("///") {
                let above = file.lines[max(0, number - 8)..<number].joined(separator: "\n")
                #expect(above.contains("`@unchecked Sendable` is sound"), "\(file.path):\(number + 1)")
            }
        }
    }
}
