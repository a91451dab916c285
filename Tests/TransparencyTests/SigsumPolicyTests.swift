import Digests
import Signing
import Testing
import Transparency

private let names = ["sigsum-generic-2025-1", "sigsum-test-2025-3", "sigsum-test1-2025", "sigsum-test2-2025"]
private let generic = "sigsum/sigsum-generic-2025-1.builtin-policy"

/// Sigsum's own policies, which have raw keys where tlog-policy has vkeys.
@Suite(.enabled(if: Vectors.has(generic), "needs the vectors in \(generic)"))
struct SigsumPolicyTests {
    /// The policy with each raw key as the vkey that Sigsum's documents derive from it.
    private func converted(_ text: String) throws -> String {
        try text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            var items = line.split(separator: " ")
            guard let keyword = items.first, keyword == "log" || keyword == "witness" else { return String(line) }
            let place = keyword == "log" ? 1 : 2
            let bytes = try #require(Hex.decode(items[place]))
            let key = try PublicKey(algorithm: .ed25519, bytes: bytes)
            let hash = SHA256.hash(bytes.span).hex
            let vkey =
                keyword == "log"
                ? try NoteKey(name: KeyName("sigsum.org/v1/tree/\(hash)"), publicKey: key).vkey
                : try NoteKey.cosigner(name: KeyName(String(items[1])), publicKey: key).vkey
            items[place] = Substring(vkey)
            return items.joined(separator: " ")
        }.joined(separator: "\n")
    }

    @Test(arguments: names)
    func `a real policy is read once its keys are vkeys, and refused before`(name: String) throws {
        let text = try Vectors.text("sigsum/\(name).builtin-policy")
        #expect(refusalCode { try TrustPolicy(text) } == .malformedPolicy)
        let policy = try TrustPolicy(converted(text))
        #expect(policy.logs.count == text.split(separator: "\n").count { $0.hasPrefix("log ") })
        #expect(policy.witnesses.count == text.split(separator: "\n").count { $0.hasPrefix("witness ") })
        #expect(policy.quorum == .named(.init("quorum-rule")))
        let all = Set(policy.witnesses.map(\.name))
        #expect(policy.shortfalls(cosigned: all).isEmpty)
        #expect(!policy.shortfalls(cosigned: []).isEmpty)
    }

    @Test func `two of the three witnesses of the generic policy are needed`() throws {
        let policy = try TrustPolicy(converted(Vectors.text(generic)))
        let all = policy.witnesses.map(\.name)
        #expect(all.count == 3)
        for missing in all { #expect(policy.shortfalls(cosigned: Set(all).subtracting([missing])).isEmpty) }
        for present in all { #expect(policy.shortfalls(cosigned: [present]).count == 1) }
    }
}
