import Digests
import Files
import Foundation
import Merkle
import Synchronization
import Transparency
import Witnessing

/// A witness in a folder of its own, removed with the last reference. Its clock shows what the test says.
final class TestWitness: Sendable {
    let folder: WitnessFolder
    let key: NoteKey
    private let time = Mutex<UInt64>(1_800_000_000)

    init(_ logs: [NoteKey] = []) throws {
        let path = FileManager.default.temporaryDirectory.path + "/witness-\(UUID().uuidString)"
        folder = WitnessFolder(path)
        key = try folder.make(name: KeyName("witness.example/w"))
        try folder.add(logs.map(\.vkey))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder.path) }

    func open() throws -> Witness {
        try Witness(folder) { [self] in time.withLock { $0 } }
    }

    func setClock(_ seconds: UInt64) { time.withLock { $0 = seconds } }

    /// The file that holds what was last cosigned of the log.
    func statePath(_ origin: LogOrigin) -> String { "\(folder.path)/state/\(origin.hash.hex)" }
}

extension HTTPAnswer {
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension Witness {
    func post(_ body: [UInt8]) -> HTTPAnswer { reply(isPost: true, path: "/add-checkpoint", body: body) }

    func get(_ path: String) -> HTTPAnswer { reply(isPost: false, path: path, body: []) }

    /// The size that it last cosigned, by what it answers to monitors.
    func size(of origin: LogOrigin) -> TreeSize? { last(ofLogWith: origin.hash)?.checkpoint.size }
}
