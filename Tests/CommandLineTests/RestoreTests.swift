import Foundation
import Testing

/// Timestamps on their way through an archive. The authorities are `openssl ts`.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"))
struct RestoreTests {
    private let folder: Folder

    /// A ledger, `l`, with a checkpoint that the authority of `ca.pem` has timestamped, and its archive, `a`.
    init() throws {
        folder = try Folder.withSimulation(5)
        for words in [
            ["key", "make", "log"], ["checkpoint", "l", "--key", "log"], ["timestamp", "l", "--request", "q.tsq"],
        ] { #expect(try Mohur.run(words, in: folder).code == 0) }
        let settings = """
            [tsa]
            default_tsa = section
            [section]
            serial = ./serial
            crypto_device = builtin
            signer_digest = sha256
            default_policy = 1.2.3.4.1
            digests = sha256

            """
        try folder.write(settings, to: "tsa.cnf")
        try folder.write("01\n", to: "serial")
        try folder.write("extendedKeyUsage=critical,timeStamping\n", to: "usage")
        for command in [
            "openssl req -x509 -newkey ed25519 -keyout ca.key -nodes -out ca.pem -subj /CN=Root -days 30",
            "openssl req -x509 -newkey ed25519 -keyout other.key -nodes -out other.pem -subj /CN=Other -days 30",
            "openssl req -newkey rsa:2048 -keyout tsa.key -nodes -out tsa.csr -subj /CN=Clock",
            "openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile usage -out tsa.pem",
            "openssl ts -reply -config tsa.cnf -section section -queryfile q.tsq -inkey tsa.key -signer tsa.pem "
                + "-out r.tsr",
        ] {
            let child = try Child(["/bin/sh", "-c", command], in: folder.path, output: .file("out"), error: "err")
            let code = child.wait()
            let log = try folder.lines(of: "err")
            try #require(code == 0, "\(command): \(log)")
        }
        let kept = try Mohur.run(
            ["timestamp", "l", "--request", "q.tsq", "--response", "r.tsr", "--anchors", "ca.pem"], in: folder)
        #expect(kept.code == 0, "\(kept.error)")
        #expect(try Mohur.run(["archive", "l", "a"], in: folder).code == 0)
    }

    @Test func `timestamps are verified by the anchors that are given, and it is said when none are`() throws {
        let verified = try Mohur.run(["restore", "a", "r", "--anchors", "ca.pem"], in: folder)
        #expect(verified.code == 0 && lines(verified.output).last == "verified 1 timestamp", "\(verified.error)")
        #expect(!verified.error.contains("timestamp"))
        let unverified = try Mohur.run(["restore", "a", "s", "--json"], in: folder)
        #expect(unverified.code == 0)
        #expect(unverified.output.contains(#""timestamps":1,"contents":0,"timestampsVerified":false"#))
        #expect(
            unverified.error.contains(
                "mohur: 1 timestamp was not verified: give the authorities' certificates with --anchors\n"))
        let name = "checkpoints/00000000000000000006.tsr"
        for restored in ["r", "s"] { #expect(try folder.read("\(restored)/\(name)") == folder.read("l/\(name)")) }
    }

    @Test func `a timestamp that does not lead to the anchors ends the restoring, and nothing is left`() throws {
        let refused = try Mohur.run(["restore", "a", "r", "--anchors", "other.pem"], in: folder)
        #expect(refused.code == 1)
        #expect(
            refused.error.hasPrefix(
                "mohur: the archive in a: data/checkpoints/00000000000000000006.tsr: does not hold: "),
            "\(refused.error)")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("r") }
        #expect(left == ["r.tsr"])
    }
}
