import Foundation
import Ledger
import Testing

@Suite struct ReadmeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test(arguments: ["ReadmeExample", "SigningExample", "DocumentExample"])
    func `the README shows the examples that are compiled here, word for word`(_ name: String) throws {
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        let file = "Tests/DocumentationTests/\(name).swift"
        let marker = try #require(readme.range(of: "<!-- example: \(file) -->\n```swift\n"))
        let start = marker.upperBound
        let end = try #require(readme.range(of: "```", range: start..<readme.endIndex)).lowerBound
        let example = try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
        #expect(String(readme[start..<end]) == example)
    }

    @Test func `the README's example of signing runs and records what it says`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mohur-readme-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["authority", "intake"] { try PrivateKey.generate().write(file: "\(folder)/\(name)") }
        try await recordSigned(at: "\(folder)/ledger", keys: folder)
        let ledger = try await Ledger.open(at: "\(folder)/ledger")
        #expect(try await ledger.size() == 3)
        #expect(try await ledger.event(at: 2).entry.append?.count == 1)
        await ledger.close()
    }

    @Test func `the README's example of documents runs, and leaves neither document nor payload`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mohur-readme-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try PrivateKey.generate().write(file: "\(folder)/authority")
        try Data("a site plan".utf8).write(to: URL(filePath: "\(folder)/scan.pdf"))
        try await fileDocument(at: "\(folder)/ledger", keys: folder, scan: "\(folder)/scan.pdf")
        let ledger = try await Ledger.open(at: "\(folder)/ledger")
        #expect(try await ledger.size() == 4)
        #expect(try await ledger.event(at: 1).isPayloadRemoved)
        #expect(try await ledger.contents() == [])
        await ledger.close()
    }

    @Test func `the README's example runs and records what it says`() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "mohur-readme-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await receiveApplication(at: path)
        let ledger = try await Ledger.open(at: path)
        #expect(try await ledger.size() == 4)
        var types: [String] = []
        for try await event in ledger.events(of: "application-0198c0de") { types.append(event.type) }
        #expect(types == ["application.received", "application.assigned"])
        #expect(try await ledger.event(at: 2).stream == "document-2026-0001")
    }
}
