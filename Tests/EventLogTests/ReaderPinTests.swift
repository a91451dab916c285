import EventLog
import Testing

@Suite struct ReaderPinTests {
    @Test func `a pinned ledger is not opened in the same process, but pinned again`() throws {
        let folder = try Folder()
        let path = "\(folder.path)/log"
        try folder.makeLog().close()
        do {
            let pin = try ReaderPin(directory: path)
            let again = try ReaderPin(directory: path)
            var seen: [UInt64] = []
            #expect(pin.withPinned { seen.append($0) } && again.withPinned { seen.append($0) })
            #expect(seen.count == 2 && seen[0] == seen[1])
            let error = refusal { try EventLog(opening: path) }
            #expect(error?.code == .notPermitted && error?.reason.contains("being verified") == true)
        }
        let log = try EventLog(opening: path)
        let pin = try ReaderPin(directory: path)
        var (before, after): (UInt64, UInt64) = (0, 0)
        #expect(pin.withPinned { before = $0 })
        _ = try log.append(try request())
        #expect(pin.withPinned { after = $0 })
        #expect(after == before + 1)
        log.close()
        #expect(pin.withPinned { after = $0 })
        #expect(refusal { try ReaderPin(directory: folder.path) }?.code == .notFound)
    }
}
