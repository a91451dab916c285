import Foundation
import Ledger
import Testing

/// What another process records about keys holds for the very next append of this one.
@Suite(.serialized) struct KeysOfOthersTests {
    private func code(_ body: () async throws -> Void) async -> LedgerError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? LedgerError)?.code
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `a key that another process registers and revokes is registered and revoked`() async throws {
        let folder = try Folder()
        let (authority, source) = (try PrivateKey.generate(), try PrivateKey.generate())
        try authority.write(file: folder.path("authority"))
        try source.write(file: folder.path("source"))
        let path = folder.path("ledger")
        let ledger = try await Ledger.create(
            at: path, origin: Origin("records.example.gov/tests"), authorities: [authority.publicKey])
        func trust(_ words: String...) async throws {
            let all = ["dir=\(path)", "key=\(folder.path("authority"))"] + words
            let child = try Child("trust", all, folder: folder)
            #expect(try await child.end() == 0 && child.lines.first?.first == "T", "\(child.lines)")
        }
        func append(_ signer: PrivateKey?) async -> LedgerError.Code? {
            await code { try await ledger.append([Event(type: "t", source: "urn:s")], to: "a-1", signedBy: signer) }
        }
        #expect(await append(nil) == nil)
        #expect(await append(source) == .notAuthorised)
        try await trust("source=urn:s", "public=\(folder.path("source.pub"))")
        #expect(await append(source) == nil)
        #expect(await append(nil) == .signatureRequired)
        try await trust("revoke=\(source.publicKey.id.hex)")
        #expect(await append(source) == .notAuthorised)
        #expect(await append(nil) == .signatureRequired, "its last key has ended, and nobody goes unsigned in its name")
        #expect(try await ledger.size() == 5)
        await ledger.close()
        try await verify(path)
    }
}
