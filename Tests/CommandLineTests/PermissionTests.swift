import Foundation
import Testing

/// Files that may not be read or written; the superuser may do both.
@Suite(.enabled(if: geteuid() != 0, "runs as another user than root"))
struct PermissionTests {
    @Test func `a file of events that may not be read is an error`() throws {
        let folder = try Folder.withLedger()
        try folder.write(Events.line(1), to: "events")
        chmod(folder.path("events"), 0)
        let ending = try Mohur.run(["append", "l", "--stream", "a-1", "events"], in: folder)
        #expect(ending.code == 2)
        #expect(ending.error == "mohur: events: the file cannot be opened: permission is denied\n")
    }

    @Test func `a ledger that may not be written can be read and verified`() throws {
        let folder = try Folder.withSimulation(100)
        try folder.write(Events.line(1), to: "events")
        chmod(folder.path("l/data.mdb"), 0o400)
        #expect(try Mohur.run(["info", "l"], in: folder).code == 0)
        #expect(try Mohur.run(["verify", "l"], in: folder).code == 0)
        let ending = try Mohur.run(["append", "l", "--stream", "a-1", "events"], in: folder)
        #expect(ending.code == 2)
        #expect(ending.error.hasPrefix("mohur: opening l: Permission denied; check the owner and the mode"))
    }

    @Test func `a ledger that may not be read is an error`() throws {
        let folder = try Folder.withLedger()
        chmod(folder.path("l/data.mdb"), 0)
        for command in [["info", "l"], ["read", "l"], ["verify", "l"], ["backup", "l", "copy"]] {
            let ending = try Mohur.run(command, in: folder)
            #expect(ending.code == 2)
            #expect(lines(ending.error).count == 1 && ending.error.hasPrefix("mohur: "), "\(ending.error)")
        }
    }
}
