import Digests
import Foundation
import Ledger
import Merkle
import Publishing
import Signing
import Testing
import Timestamping
import Transparency

/// A timestamp authority of the test's own: `openssl ts`.
private struct Authority {
    static let isThere = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    let folder: String

    init(_ folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let settings = """
            [tsa]
            default_tsa = section
            [section]
            serial = ./serial
            crypto_device = builtin
            signer_digest = sha256
            default_policy = 1.2.3.4.1
            other_policies = 1.2.3.4.1
            digests = sha256
            """
        try settings.write(toFile: "\(folder)/tsa.cnf", atomically: true, encoding: .utf8)
        try "01\n".write(toFile: "\(folder)/serial", atomically: true, encoding: .utf8)
        try "extendedKeyUsage=critical,timeStamping\n".write(
            toFile: "\(folder)/usage", atomically: true, encoding: .utf8)
        try run("openssl req -x509 -newkey ed25519 -keyout ca.key -nodes -out ca.pem -subj /CN=Root -days 30")
        try run("openssl req -newkey rsa:2048 -keyout tsa.key -nodes -out tsa.csr -subj /CN=Clock")
        try run(
            "openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile usage -out tsa.pem"
        )
    }

    private func run(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "\(command) > log 2>&1"]
        process.currentDirectoryURL = URL(filePath: folder)
        try process.run()
        process.waitUntilExit()
        let log = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? ""
        try #require(process.terminationStatus == 0, "\(command): \(log)")
    }

    func answer(_ request: TimestampRequest) throws -> TimestampResponse {
        try Data(request.bytes).write(to: URL(filePath: "\(folder)/q.tsq"))
        try run(
            "openssl ts -reply -config tsa.cnf -section section -queryfile q.tsq -inkey tsa.key -signer tsa.pem -out r.tsr"
        )
        return TimestampResponse(Array(try Data(contentsOf: URL(filePath: "\(folder)/r.tsr"))))
    }

    var anchors: [UInt8] { (try? Array(Data(contentsOf: URL(filePath: "\(folder)/ca.pem")))) ?? [] }
}

@Suite(.enabled(if: Authority.isThere, "openssl is not installed"))
struct TimestampTests {
    private let folder: TestFolder
    private let key: PrivateKey

    init() throws {
        folder = try TestFolder()
        key = try PrivateKey.generate(.ed25519)
    }

    private func sign(_ ledger: Ledger) async throws -> SignedCheckpoint {
        let (store, signer, origin) = (CheckpointStore(ledger: ledger.path), key, ledger.genesis.origin)
        return try await ledger.blocking { log throws(PublishingError) in try store.sign(log, by: signer, of: origin) }
    }

    @Test func `a timestamp is verified before it is kept and whenever it is asked for, cosignatures or not`()
        async throws
    {
        let ledger = try await makeLedger(at: folder.path("l"), size: 10)
        let (store, authority) = (CheckpointStore(ledger: ledger.path), try Authority(folder.path("a")))
        let signed = try await sign(ledger)
        let request = try store.timestampRequest(10)
        let bytes = signed.bytes
        #expect(request.imprint == SHA256.hash(bytes.span))
        let response = try authority.answer(request)
        let verified = try store.keep(response, to: request, of: 10, anchors: authority.anchors)
        #expect(verified.authority.contains("Clock") && verified.policy == "1.2.3.4.1")
        let witness = try Cosigner(name: KeyName("witness.example.org"), signer: PrivateKey.generate(.ed25519))
        try store.keep(SignedCheckpoint(signed.note.adding([witness.cosign(signed, at: 1_700_000_000)])))
        #expect(try store.verifyTimestamp(10, anchors: authority.anchors) == verified)
        #expect(try store.sizes() == [10])
        #expect(throws: PublishingError(.alreadyTimestamped, "")) {
            try store.keep(response, to: request, of: 10, anchors: authority.anchors)
        }
        await ledger.close()
    }

    @Test func `an answer that is altered, of another checkpoint or of a stranger is not kept`() async throws {
        let ledger = try await makeLedger(at: folder.path("l"), size: 10)
        let (store, authority) = (CheckpointStore(ledger: ledger.path), try Authority(folder.path("a")))
        _ = try await sign(ledger)
        try await grow(ledger, to: 20)
        _ = try await sign(ledger)
        let request = try store.timestampRequest(10)
        let response = try authority.answer(request)
        var altered = response.bytes
        altered[altered.count - 10] ^= 1
        let stranger = try Authority(folder.path("b")).anchors
        let tries: [(TimestampResponse, TimestampRequest, TreeSize, [UInt8])] = [
            (TimestampResponse(altered), request, 10, authority.anchors), (response, request, 20, authority.anchors),
            (response, request, 10, stranger), (response, try store.timestampRequest(10), 10, authority.anchors),
            (response, request, 10, []),
        ]
        for (response, request, size, anchors) in tries {
            #expect(throws: PublishingError(.notProved, "")) {
                try store.keep(response, to: request, of: size, anchors: anchors)
            }
        }
        #expect(try store.timestamp(10) == nil && store.timestamp(20) == nil)
        #expect(throws: PublishingError(.noCheckpoint, "")) { try store.timestampRequest(15) }
        _ = try store.keep(response, to: request, of: 10, anchors: authority.anchors)
        try Data(altered).write(to: URL(filePath: folder.path("l/checkpoints/00000000000000000010.tsr")))
        #expect(throws: PublishingError(.notProved, "")) { try store.verifyTimestamp(10, anchors: authority.anchors) }
        // What a crash between the two files leaves is no timestamp, and is mended by asking again.
        try FileManager.default.removeItem(atPath: folder.path("l/checkpoints/00000000000000000010.tsr"))
        #expect(try store.timestamp(10) == nil)
        _ = try store.keep(response, to: request, of: 10, anchors: authority.anchors)
        await ledger.close()
    }
}
