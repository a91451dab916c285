import Foundation
import Testing

/// The log's key, said once in the environment, and what is said of witnesses that have it.
@Suite struct LogKeyTests {
    private let folder: Folder

    init() throws {
        folder = try Folder.withSimulation(5)
        #expect(try Mohur.run(["key", "make", "log"], in: folder).code == 0)
    }

    private func mohur(_ words: [String], logKey: String? = nil) throws -> Mohur.Ending {
        try Mohur.run(words, in: folder, environment: ["MOHUR_LOG_KEY": logKey ?? ""])
    }

    @Test func `checkpoints are signed with the key that the environment names, and --key goes before it`() throws {
        let signed = try mohur(["checkpoint", "l"], logKey: "log")
        #expect(signed.code == 0 && signed.output.hasPrefix("records.example.gov/tests\n"), "\(signed.error)")
        let published = try mohur(["publish", "l", "site"], logKey: "log")
        #expect(published.code == 0 && published.output.hasPrefix("published 6 entries"), "\(published.error)")
        #expect(try mohur(["publish", "l", "site", "--key", "log"], logKey: "nothing").code == 0)
    }

    @Test func `a variable that is not set, empty or wrong is named`() throws {
        for words in [["checkpoint", "l"], ["publish", "l", "site"]] {
            let missing = try mohur(words)
            #expect(missing.code == 64)
            #expect(missing.error.hasPrefix("mohur: --key is missing, and the variable MOHUR_LOG_KEY is not set\n"))
            let wrong = try mohur(words, logKey: "nothing")
            #expect(wrong.code == 2 && wrong.error.hasPrefix("mohur: MOHUR_LOG_KEY: "), "\(wrong.error)")
            #expect(wrong.error.contains("nothing") && lines(wrong.error).count == 1)
            let open = try mohur(words, logKey: "log.pub")
            #expect(open.code == 1 && open.error.contains("is a public key"), "\(open.error)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("site/checkpoint")))
    }

    @Test func `no other command takes the log's key from the environment`() throws {
        #expect(try mohur(["archive", "l", "a"], logKey: "log").error.contains("has no checkpoint"))
        let revoked = try mohur(["key", "revoke", "l", "log.pub", "--reason", "lost"], logKey: "log")
        #expect(revoked.code == 64 && revoked.error.hasPrefix("mohur: --key is missing\n"), "\(revoked.error)")
    }

    /// What is printed about a witness that has the log's key.
    private func warns(_ ending: Mohur.Ending) -> Bool {
        ending.error.contains("warning: the witness \"self\" has the key of a log")
    }

    @Test func `a witness that has the log's own key is told wherever the policy is used`() throws {
        let authority = try Mohur.run(["key", "make", "authority"], in: folder)
        #expect(authority.code == 0)
        for words in [
            ["create", "k", "--origin", "records.example.gov/keys", "--authority", "authority.pub"],
            ["key", "introduce", "k", "log.pub", "--role", "log", "--key", "authority"],
        ] { #expect(try Mohur.run(words, in: folder).code == 0) }
        let shown = try Mohur.run(
            ["key", "show", "log.pub", "--name", "records.example.gov/keys", "--json"], in: folder)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: String])
        let (log, witness) = (try #require(object["vkey"]), try #require(object["witnessVkey"]))
        try folder.write("witness self \(witness)\nquorum none\n", to: "witnesses")
        try folder.write("log \(log)\nwitness self \(witness)\nquorum none\n", to: "policy")
        try folder.write("log \(log)\nquorum none\n", to: "plain")

        // By the keys that the ledger's events name, and by the one that signs.
        let adopted = try mohur(["policy", "adopt", "k", "--witnesses", "witnesses", "--key", "authority"])
        #expect(adopted.code == 0 && warns(adopted), "\(adopted.error)")
        let published = try mohur(["publish", "k", "site", "--key", "log"])
        #expect(published.code == 0 && warns(published), "\(published.error)")
        let other = try mohur(["publish", "l", "other", "--key", "log", "--policy", "witnesses"])
        #expect(warns(other), "\(other.error)")
        // By the log lines of the policy.
        #expect(try mohur(["prove", "k", "--event", "0", "-o", "receipt"]).code == 0)
        #expect(try mohur(["archive", "k", "a"]).code == 0)
        for (policy, isTold) in [("policy", true), ("plain", false)] {
            let checked = try mohur(["check", "receipt", "--policy", policy])
            #expect(checked.code == 0 && warns(checked) == isTold, "\(checked.error)")
            let restored = try mohur(["restore", "a", "r-\(policy)", "--policy", policy])
            #expect(restored.code == 0 && warns(restored) == isTold, "\(restored.error)")
        }
        #expect(!warns(try mohur(["publish", "k", "site", "--key", "log", "--policy", "plain"])))
    }
}
