import Digests
import Foundation
import Merkle
import Publishing
import Signing
import Synchronization
import Transparency

/// Witnesses that live in the test, each at an address of its own: what a real one decides, and how one can go wrong.
final class FakeWitnesses: WitnessClient {
    enum Mood: Sendable {
        case sound
        case down
        case forgetsLog
        case refusesKey
        /// Says that it knows a tree of this size.
        case hasSeen(UInt64)
        /// Always another size.
        case fickle
        case signsWrongly
        case signsWithOtherKey
        case saysInconsistent
        case talksNonsense
        case serverError
    }

    private struct State: Sendable {
        var size: TreeSize = 0
        var root: Digest = MerkleHash.emptyRoot
        var mood = Mood.sound
        var requests: [AddCheckpointRequest] = []
    }

    private let keys: [String: PrivateKey]
    private let states: Mutex<[String: State]>
    let names: [String]

    init(_ names: [String]) throws {
        self.names = names
        var keys: [String: PrivateKey] = [:]
        for name in names { keys[name] = try PrivateKey.generate(.ed25519) }
        self.keys = keys
        states = Mutex(keys.mapValues { _ in State() })
    }

    func setMood(_ name: String, _ mood: Mood) { states.withLock { $0[name]?.mood = mood } }
    func requests(_ name: String) -> [AddCheckpointRequest] { states.withLock { $0[name]?.requests ?? [] } }

    private func cosigner(_ name: String) throws -> Cosigner {
        try Cosigner(name: KeyName("\(name).example.org"), signer: present(keys[name]))
    }

    /// A policy of all of them, of which `threshold` are needed.
    func policy(needing threshold: Int) throws -> TrustPolicy {
        var text = ""
        for name in names { text += "witness \(name) \(try cosigner(name).key.vkey) https://\(name).example.org/w\n" }
        return try TrustPolicy("\(text)group all \(threshold) \(names.joined(separator: " "))\nquorum all\n")
    }

    func post(_ body: [UInt8], to url: String) async -> WitnessReply {
        guard let name = names.first(where: { url == "https://\($0).example.org/w/add-checkpoint" }) else {
            return .unanswered("nobody is at \(url)")
        }
        do { return try reply(name, AddCheckpointRequest(body)) } catch {
            return .answered(status: 400, body: Array("\(error)\n".utf8))
        }
    }

    private func reply(_ name: String, _ request: AddCheckpointRequest) throws -> WitnessReply {
        let cosigner = try cosigner(name)
        let stranger = try Cosigner(name: cosigner.key.name, signer: PrivateKey.generate(.ed25519))
        return try states.withLock { states -> WitnessReply in
            var state = states[name] ?? State()
            defer { states[name] = state }
            state.requests.append(request)
            let tree = request.checkpoint.checkpoint
            switch state.mood {
            case .down: return .unanswered("\(name) could not be reached: connection refused")
            case .forgetsLog: return .answered(status: 404, body: Array("no such log\n".utf8))
            case .refusesKey: return .answered(status: 403, body: Array("no trusted signature\n".utf8))
            case .hasSeen(let size): return .answered(status: 409, body: Array("\(size)\n".utf8))
            case .fickle: return .answered(status: 409, body: Array("\(state.requests.count)\n".utf8))
            case .saysInconsistent: return .answered(status: 422, body: Array("roots differ\n".utf8))
            case .talksNonsense: return .answered(status: 200, body: Array("<html>".utf8))
            case .serverError: return .answered(status: 503, body: Array("busy\n".utf8))
            case .signsWithOtherKey:
                return .answered(status: 200, body: try stranger.cosign(request.checkpoint, at: 5).line)
            case .signsWrongly:
                let line = try cosigner.cosign(request.checkpoint, at: 5)
                var bytes = line.signature
                bytes[20] ^= 1
                let wrong = try NoteSignature(name: line.name, keyID: line.keyID, signature: bytes)
                return .answered(status: 200, body: wrong.line)
            case .sound: break
            }
            guard request.old == state.size else {
                return .answered(status: 409, body: Array("\(state.size)\n".utf8))
            }
            if state.size > 0 {
                let proof = ConsistencyProof(first: state.size, second: tree.size, hashes: request.hashes)
                do { try proof.verify(first: state.root, second: tree.root) } catch {
                    return .answered(status: 422, body: Array("\(error)\n".utf8))
                }
            }
            (state.size, state.root) = (tree.size, tree.root)
            return .answered(status: 200, body: try cosigner.cosign(request.checkpoint, at: 1_700_000_000).line)
        }
    }
}

private func present<T>(_ value: T?) throws -> T {
    guard let value else { throw CocoaError(.keyValueValidation) }
    return value
}
