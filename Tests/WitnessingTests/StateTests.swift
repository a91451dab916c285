import Digests
import Files
import Foundation
import Merkle
import Signing
import TestSupport
import Testing
import Transparency
import Witnessing

/// What stays when the witness ends, and what is refused when it has been changed.
@Suite struct StateTests {
    private var log: TestLog
    private let home: TestWitness

    init() throws {
        log = try TestLog("log.example/a", size: 5)
        home = try TestWitness([log.key])
    }

    private func open() throws { _ = try home.open() }

    @Test func `what was cosigned is known when the witness is opened again`() throws {
        var log = log
        #expect(try home.open().post(log.request(from: 0)).status == 200)
        log.grow(3)
        #expect(try home.open().post(log.request(from: 0)).text == "5\n")
        #expect(try home.open().post(log.request(from: 5)).status == 200)
        #expect(try home.open().size(of: log.origin) == 8)
    }

    @Test func `a cosignature that got lost on its way is asked for again`() throws {
        var log = log
        #expect(try home.open().post(log.request(from: 0)).status == 200)
        log.grow(3)
        // The witness ends between keeping this and answering: the log still believes in 5.
        _ = try home.open().post(log.request(from: 5))
        let witness = try home.open()
        let told = witness.post(try log.request(from: 5))
        #expect(told.status == 409)
        #expect(told.text == "8\n")
        #expect(witness.post(try log.request(from: 8)).status == 200)
    }

    @Test func `a witness is open once at a time`() throws {
        let witness = try home.open()
        #expect(throws: WitnessError(.inUse, "")) { try open() }
        withExtendedLifetime(witness) {}
    }

    @Test func `times never go back and are never 0, over restarts too`() throws {
        home.setClock(0)
        func time(_ witness: Witness) throws -> UInt64? {
            _ = witness.post(try log.request(from: witness.size(of: log.origin) ?? 0))
            return witness.last(ofLogWith: log.origin.hash)?.note.signatures.last?.cosignature?.time
        }
        #expect(try time(home.open()) == 1)
        home.setClock(2_000)
        #expect(try time(home.open()) == 2_000)
        home.setClock(1_000)
        let witness = try home.open()
        #expect(try time(witness) == 2_000)
        home.setClock(2_001)
        #expect(try time(witness) == 2_001)
    }

    // MARK: - Damage

    @Test func `a change to what was kept of a tree is refused, wherever it is`() throws {
        #expect(try home.open().post(log.request(from: 0)).status == 200)
        let path = home.statePath(log.origin)
        let right = try DurableFile.read(path, atMost: 9999)
        for place in right.indices {
            var wrong = right
            wrong[place] ^= 1
            try DurableFile.replace(path, with: wrong.span)
            // A line that names another key than the log's is a stranger's: all else is seen.
            let state = try? home.open().last(ofLogWith: log.origin.hash)
            #expect(state == nil || state?.checkpoint == log.head, "byte \(place)")
        }
        for count in [0, 1, right.count / 2, right.count - 1] {
            try DurableFile.replace(path, with: Array(right[..<count]).span)
            #expect(throws: WitnessError(.damaged, "")) { try open() }
        }
        try DurableFile.replace(path, with: right.span)
        try open()
    }

    @Test func `a file that is missing, of another log or of another witness is refused`() throws {
        let other = try TestLog("log.example/b", size: 5)
        try home.folder.add([other.key.vkey])
        #expect(try home.open().post(log.request(from: 0)).status == 200)
        #expect(try home.open().post(other.request(from: 0)).status == 200)
        let stranger = try TestWitness([log.key])
        #expect(try stranger.open().post(log.request(from: 0)).status == 200)
        let path = home.statePath(log.origin)
        let right = try DurableFile.read(path, atMost: 9999)
        let foreign = try DurableFile.read(home.statePath(other.origin), atMost: 9999)
        let strange = try DurableFile.read(stranger.statePath(log.origin), atMost: 9999)
        for wrong in [foreign, strange, try log.checkpoint().bytes] {
            try DurableFile.replace(path, with: wrong.span)
            #expect(throws: WitnessError(.damaged, "")) { try open() }
        }
        try DurableFile.remove(path)
        #expect(throws: WitnessError(.damaged, "")) { try open() }
        do { try open() } catch {
            #expect("\(error)".contains(path) && "\(error)".contains("the log has it"), "\(error)")
        }
        try DurableFile.replace(path, with: right.span)
        try open()
    }

    @Test func `a crash before the list of files is mended`() throws {
        #expect(try home.open().post(log.request(from: 0)).status == 200)
        let known = "\(home.folder.path)/state/known"
        let right = try DurableFile.read(known, atMost: 999)
        #expect(right == Array("\(log.origin.hash.hex)\n".utf8))
        try DurableFile.remove(known)
        try open()
        #expect(try DurableFile.read(known, atMost: 999) == right)
        let wrong = Array("nonsense\n".utf8)
        try DurableFile.replace(known, with: wrong.span)
        #expect(throws: WitnessError(.damaged, "")) { try open() }
    }

    @Test func `a checkpoint that the log has repairs what was lost`() throws {
        var log = log
        _ = try home.open().post(log.request(from: 0))
        log.grow(2)
        let answer = try WitnessAnswer(status: 200, body: home.open().post(log.request(from: 5)).body)
        guard case .cosigned(let lines) = answer else {
            Issue.record("not cosigned")
            return
        }
        let published = try log.checkpoint().adding(lines, by: [home.key]).bytes
        try DurableFile.remove(home.statePath(log.origin))
        try DurableFile.replace(home.statePath(log.origin), with: published.span)
        #expect(try home.open().size(of: log.origin) == 7)
    }

    @Test func `a folder that was put back to an older state is not seen, and lets a fork through`() throws {
        var log = log
        #expect(try home.open().post(log.request(from: 0)).status == 200)
        let path = home.statePath(log.origin)
        let yesterday = try DurableFile.read(path, atMost: 9999)
        let fork = log.forked(at: 5, to: 9)
        log.grow(4)
        #expect(try home.open().post(log.request(from: 5)).status == 200)
        #expect(try home.open().post(fork.request(from: 9)).status == 422)
        try DurableFile.replace(path, with: yesterday.span)
        // docs/witness.md says so: the state is not to be restored from a backup.
        #expect(try home.open().post(fork.request(from: 5)).status == 200)
    }

    @Test func `when the disk takes nothing the witness signs nothing`() throws {
        var log = log
        let witness = try home.open()
        #expect(witness.post(try log.request(from: 0)).status == 200)
        log.grow(1)
        let state = "\(home.folder.path)/state"
        #expect(rename(state, state + ".away") == 0)
        let reply = witness.post(try log.request(from: 5))
        #expect(reply.status == 500)
        #expect(!reply.text.contains(home.folder.path), "what is wrong here is nobody else's business")
        #expect(reply.remark.contains(home.folder.path))
        #expect(rename(state + ".away", state) == 0)
        #expect(witness.size(of: log.origin) == 5)
        #expect(witness.post(try log.request(from: 5)).status == 200)
    }
}

/// The folder's other files.
@Suite struct FolderTests {
    private func open(_ home: TestWitness) throws { _ = try home.open() }

    @Test func `a folder is made once, with a key that only its owner reads`() throws {
        let home = try TestWitness()
        #expect(throws: WitnessError(.alreadyExists, "")) { try home.folder.make(name: KeyName("other")) }
        let mode = try FileManager.default.attributesOfItem(atPath: "\(home.folder.path)/witness.key")
        #expect(mode[.posixPermissions] as? Int == 0o600)
        #expect(home.key.type == .cosignature)
        #expect(try home.folder.verifyingKey() == home.key)
        #expect(try home.open().key == home.key)
    }

    @Test func `a folder of which the making broke off is made whole with the key it has`() throws {
        let home = try TestWitness()
        try DurableFile.remove("\(home.folder.path)/witness.name")
        #expect(throws: WitnessError(.notFound, "")) { try open(home) }
        #expect(try home.folder.make(name: KeyName("witness.example/w")) == home.key)
        try open(home)
    }

    @Test func `a key that others can read is refused`() throws {
        let home = try TestWitness()
        #expect(chmod("\(home.folder.path)/witness.key", 0o644) == 0)
        do {
            try open(home)
            Issue.record("the key is open to others")
        } catch { #expect("\(error)".contains("chmod 600"), "\(error)") }
    }

    @Test func `a log that is added is known at once, or within two seconds`() throws {
        let home = try TestWitness()
        let witness = try home.open()
        let (first, second) = (try TestLog("log.example/a", size: 3), try TestLog("log.example/b", size: 3))
        #expect(witness.post(try first.request(from: 0)).status == 404)
        #expect(try home.folder.add([first.key.vkey, second.key.vkey]) == 2)
        #expect(try home.folder.add([first.key.vkey]) == 0)
        home.setClock(1_800_000_002)
        #expect(witness.post(try first.request(from: 0)).status == 200)
        #expect(witness.post(try second.request(from: 0)).status == 200)
    }

    @Test func `logs that share a key are two logs, each with a size of its own`() throws {
        let signer = try PrivateKey.generate()
        let keys = try ["log.example/a", "log.example/b"].map { name in
            try NoteKey(name: KeyName(name), publicKey: signer.publicKey)
        }
        let home = try TestWitness()
        #expect(try home.folder.add(keys.map(\.vkey)) == 2)
        #expect(try home.folder.add(keys.map(\.vkey)) == 0)
        let witness = try home.open()
        for (key, size) in zip(keys, [3, 5]) {
            let log = try TestLog("\(key.name)", size: size)
            let body = requestBytes(old: "0", proof: [], checkpoint: try log.head.signed(by: signer).bytes)
            #expect(witness.post(body).status == 200)
            #expect(witness.size(of: log.origin) == TreeSize(UInt64(size)))
        }
    }

    @Test func `a log may have two keys while it changes them`() throws {
        var log = try TestLog("log.example/a", size: 3)
        let home = try TestWitness([log.key])
        #expect(try home.open().post(log.request(from: 0)).status == 200)
        let newer = try PrivateKey.generate()
        let newKey = try NoteKey(name: log.key.name, publicKey: newer.publicKey)
        log.grow(1)
        let body = requestBytes(
            old: "3", proof: try log.proof(from: 3), checkpoint: try log.head.signed(by: newer).bytes)
        #expect(try home.open().post(body).status == 403)
        try home.folder.add([newKey.vkey])
        #expect(try home.open().post(body).status == 200)
        // When the first is taken out, its signature over what was cosigned means nothing, and the size stays.
        let list = Array("log \(newKey.vkey)\n".utf8)
        try DurableFile.replace("\(home.folder.path)/logs", with: list.span)
        let witness = try home.open()
        #expect(witness.size(of: log.origin) == 4)
        #expect(witness.post(try log.request(from: 4)).status == 403)
    }

    @Test func `lists of logs are read as they are written, and refused with the line`() throws {
        let (a, b) = (try TestLog("log.example/a"), try TestLog("log.example/b"))
        let list = try LogList(
            Array("# logs\n\n\(a.key.vkey)\n\tlog  \(b.key.vkey) https://b.example/ \n".utf8))
        #expect(list.logs.map(\.origin) == [a.origin, b.origin])
        #expect(list.logs.map(\.keys) == [[a.key], [b.key]])
        let cosigner = try NoteKey.cosigner(name: a.key.name, publicKey: a.signer.publicKey)
        for (wrong, place) in [
            ("x", "line 1"), ("\(a.key.vkey)\n\(a.key.vkey)", "line 2"), ("\n\nlog", "line 3"),
            ("\(a.key.vkey) https://a.example/", "line 1"), (cosigner.vkey, "line 1"), ("log a b c d", "line 1"),
        ] {
            do {
                _ = try LogList(Array(wrong.utf8))
                Issue.record("taken: \(wrong)")
            } catch {
                #expect(error == WitnessError(.invalid, ""))
                #expect(error.reason.contains(place), "\(error)")
            }
        }
    }

    @Test func `the witness's own key is no log's`() throws {
        let home = try TestWitness()
        let signer = try PrivateKey(file: "\(home.folder.path)/witness.key")
        let own = try NoteKey(name: KeyName("log.example/a"), publicKey: signer.publicKey)
        #expect(throws: WitnessError(.invalid, "")) { try home.folder.add([own.vkey]) }
        let list = Array("log \(own.vkey)\n".utf8)
        try DurableFile.replace("\(home.folder.path)/logs", with: list.span)
        #expect(throws: WitnessError(.invalid, "")) { try open(home) }
    }
}
