import Foundation
import Ledger
import Testing

@Suite struct ReadmeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func `the README shows the example that is compiled here, word for word`() throws {
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        let start = try #require(readme.range(of: "```swift\n")).upperBound
        let end = try #require(readme.range(of: "```", range: start..<readme.endIndex)).lowerBound
        let example = try String(
            contentsOf: Self.root.appending(path: "Tests/DocumentationTests/ReadmeExample.swift"), encoding: .utf8)
        #expect(String(readme[start..<end]) == example)
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
