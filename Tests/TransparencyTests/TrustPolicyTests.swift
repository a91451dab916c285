import Signing
import Testing
import Transparency

/// The lines of a policy with the log "alice" (key 1) and the witnesses w10, w11, … (keys 10, 11, …).
private struct Lines {
    let log: String
    let witnesses: [String]

    init(_ count: Int = 6) throws {
        log = "log \(try TestKeys.log("alice", 1).vkey)\n"
        witnesses = try (0..<count).map { number in
            "witness w\(10 + number) \(try TestKeys.witness("w.example/\(number)", UInt8(10 + number)).key.vkey)\n"
        }
    }

    var text: String { log + witnesses.joined() }
}

@Suite struct PolicyReadingTests {
    private let lines: Lines

    init() throws { lines = try Lines() }

    @Test func `a policy is read and keeps its bytes`() throws {
        let text =
            "# Whom the court trusts\n\n \t\n\t# indented\n" + lines.log.dropLast() + "  https://log.example/ \n"
            + lines.witnesses.joined()
            + "group X  2\tw10 w11 w12\n group Y any w13 w14 w15\ngroup Z all X Y\nquorum Z\n"
        let policy = try TrustPolicy(text)
        #expect(policy.bytes == text.bytes)
        #expect(policy.logs.map(\.url) == ["https://log.example/"])
        #expect(policy.logs[0].key == (try TestKeys.log("alice", 1)))
        #expect(policy.witnesses.map(\.name.description) == ["w10", "w11", "w12", "w13", "w14", "w15"])
        #expect(policy.witnesses.allSatisfy { $0.url == nil && $0.key.type == .cosignature })
        #expect(policy.groups.map(\.threshold) == [2, 1, 2])
        #expect(policy.quorum == .named(.init("Z")))
        #expect(try TrustPolicy(policy.bytes) == policy)
    }

    @Test func `the smallest policy asks for nothing`() throws {
        let policy = try TrustPolicy("quorum none\n")
        #expect(policy.logs.isEmpty && policy.witnesses.isEmpty && policy.quorum == .none)
    }

    @Test func `names are bytes, not characters`() throws {
        let kelvin = lines.witnesses[1].replacing("w11", with: "\u{212a}")
        let text = lines.witnesses[0].replacing("w10", with: "K") + kelvin + "group g all K \u{212a}\nquorum g\n"
        #expect(try TrustPolicy(text).groups[0].members.count == 2)
        var bytes = text.bytes
        bytes.replace([0xe2, 0x84, 0xaa], with: [0xff, 0x80])
        let policy = try TrustPolicy(bytes)
        #expect(policy.groups[0].members[1].bytes == [0xff, 0x80])
        #expect(policy.bytes == bytes)
    }

    /// A rest that follows the log and six witnesses on lines 1 to 7.
    @Test(arguments: [
        ("", 0, "quorum line"),
        ("quorum w10", 8, "cut"),
        ("quorum w10\nquorum w10\n", 9, "second quorum"),
        ("quorum none\nquorum none\n", 9, "second quorum"),
        ("quorum\n", 8, "write `quorum"),
        ("quorum w10 w11\n", 8, "write `quorum"),
        ("quorum w10 # the court's\n", 8, "write `quorum"),
        ("quorum w99\n", 8, "not defined"),
        ("quorum g\ngroup g all w10\n", 8, "not defined"),
        ("group g all\nquorum w10\n", 8, "write `group"),
        ("group g\nquorum w10\n", 8, "write `group"),
        ("group g 0 w10 w11\nquorum g\n", 8, "threshold"),
        ("group g 3 w10 w11\nquorum g\n", 8, "threshold"),
        ("group g 01 w10 w11\nquorum g\n", 8, "threshold"),
        ("group g +1 w10 w11\nquorum g\n", 8, "threshold"),
        ("group g -1 w10 w11\nquorum g\n", 8, "threshold"),
        ("group g ALL w10 w11\nquorum g\n", 8, "threshold"),
        ("group g 18446744073709551617 w10 w11\nquorum g\n", 8, "threshold"),
        ("group g all w10 w99\nquorum g\n", 8, "not defined"),
        ("group g all w10 # both\nquorum g\n", 8, "not defined"),
        ("group g all g\nquorum g\n", 8, "not defined"),
        ("group g all w10 w10\nquorum g\n", 8, "member already"),
        ("group g all w10 w11\ngroup h all w11 w12\nquorum h\n", 9, "member already"),
        ("group g all w10\ngroup h all g\ngroup i all g\nquorum h\n", 10, "member already"),
        ("group w10 all w11\nquorum w10\n", 8, "defined already"),
        ("group g all w10\ngroup g all w11\nquorum g\n", 9, "defined already"),
        ("group none all w10\nquorum none\n", 8, "reserved"),
        ("group g all none\nquorum g\n", 8, "not defined"),
        ("witness\nquorum none\n", 8, "write `witness"),
        ("witness w\nquorum none\n", 8, "write `witness"),
        ("log\nquorum none\n", 8, "write `log"),
        ("log x y z\nquorum none\n", 8, "write `log"),
        ("log x\nquorum none\n", 8, "vkey"),
        ("Quorum none\n", 8, "keyword"),
        ("policy none\n", 8, "keyword"),
        ("quorum none\r\n", 8, "byte 13"),
        ("# a comment with \u{1b}[31m\nquorum none\n", 8, "byte 27"),
        ("# a comment with \u{7f}\nquorum none\n", 8, "byte 127"),
        ("quorum\u{b}none\n", 8, "byte 11"),
        ("quorum\u{a0}none\n", 8, "keyword"),
        ("\u{feff}quorum none\n", 8, "keyword"),
    ])
    func `a wrong line is named with its number and what to mend`(rest: String, line: Int, words: String) {
        let error = refusal { try TrustPolicy(lines.text + rest) }
        #expect(error?.code == .malformedPolicy)
        #expect(error?.line == (line == 0 ? nil : line))
        #expect(error?.reason.contains(words) == true, "\(error?.reason ?? "no error")")
    }

    @Test func `one key is one witness and one log, under whatever names`() throws {
        let renamed = try TestKeys.witness("other.example", 10).key.vkey
        let twice = refusal { try TrustPolicy(lines.text + "witness again \(renamed)\nquorum none\n") }
        #expect(twice?.code == .malformedPolicy && twice?.line == 8)
        #expect(twice?.reason.contains("one key is one witness") == true)
        let log = try TestKeys.log("bob", 1).vkey
        let logTwice = refusal { try TrustPolicy(lines.text + "log \(log)\nquorum none\n") }
        #expect(logTwice?.reason.contains("one key is one log") == true)
        // Another key of the same log is no duplicate: keys are rotated.
        let second = try TestKeys.log("alice", 2).vkey
        #expect(try TrustPolicy(lines.text + "log \(second)\nquorum none\n").logs.count == 2)
    }

    @Test func `a witness that has a log's key is taken, as the specification has it, and told`() throws {
        let own = try TestKeys.witness("alice", 1).key.vkey
        let policy = try TrustPolicy(lines.text + "witness own \(own)\nquorum own\n")
        #expect(policy.witnessesWithLogKeys() == [.init("own")])
        #expect(policy.warnings().count == 1 && policy.warnings()[0].contains("\"own\" has the key of a log"))
        let plain = try TrustPolicy(lines.text + "quorum none\n")
        #expect(plain.witnessesWithLogKeys() == [] && plain.warnings() == [])
        // The log's key may be known from elsewhere.
        let witnesses = try TrustPolicy("witness own \(own)\nquorum own\n")
        #expect(witnesses.witnessesWithLogKeys() == [])
        let key = try #require(try TestKeys.log("alice", 1).publicKey)
        #expect(witnesses.witnessesWithLogKeys(alsoOf: [key]) == [.init("own")])
    }

    @Test func `keys of the wrong kind are refused`() throws {
        let log = try TestKeys.log("w.example", 99).vkey
        let error = refusal { try TrustPolicy("witness w \(log)\nquorum w\n") }
        #expect(error?.code == .malformedPolicy)
        #expect(error?.reason.contains(try TestKeys.witness("w.example", 99).key.vkey) == true)
        let elliptic = try NoteKey(name: KeyName("w"), publicKey: PrivateKey.generate(.ecdsaP256).publicKey).vkey
        #expect(refusalCode { try TrustPolicy("witness w \(elliptic)\nquorum w\n") } == .malformedPolicy)
        let witness = try TestKeys.witness("w.example", 99).key.vkey
        #expect(refusalCode { try TrustPolicy("log \(witness)\nquorum none\n") } == .malformedPolicy)
        #expect(try TrustPolicy("log \(elliptic)\nquorum none\n").logs.count == 1)
    }

    @Test func `a wrong vkey is told with its line`() throws {
        let vkey = try TestKeys.witness("w.example", 99).key.vkey.replacing("+", with: "+0", maxReplacements: 1)
        let error = refusal { try TrustPolicy("\n\nwitness w \(vkey)\nquorum w\n") }
        #expect(error?.code == .malformedPolicy)
        #expect(error?.line == 3)
    }

    @Test func `a comment at the end of a line is refused, also where a URL may stand`() throws {
        for comment in [" # ours", " #ours", " https://log.example # ours"] {
            let text = lines.log.dropLast() + comment + "\nquorum none\n"
            #expect(refusal { try TrustPolicy(String(text)) }?.reason.contains("comments stand") == true)
        }
    }

    @Test func `the bounds are above what the specification asks for`() throws {
        func witness(_ number: Int) throws -> String {
            let key = try PublicKey(
                algorithm: .ed25519,
                bytes: [7] + [UInt8](repeating: 0, count: 29) + [UInt8(number & 255), UInt8(number >> 8)])
            return "witness w\(number) \(try NoteKey.cosigner(name: KeyName("w"), publicKey: key).vkey)\n"
        }
        let full = try (0..<1024).map(witness).joined()
        #expect(try TrustPolicy(full + "quorum none\n").witnesses.count == 1024)
        let error = refusal { try TrustPolicy(full + witness(1024) + "quorum none\n") }
        #expect(error?.code == .tooLarge && error?.line == 1025)
        let comment = [UInt8](repeating: UInt8(ascii: "#"), count: TrustPolicy.maximumByteCount + 1)
        #expect(refusalCode { try TrustPolicy(comment) } == .tooLarge)
    }
}

@Suite struct PolicyCheckingTests {
    private let lines: Lines
    private let checkpoint: SignedCheckpoint

    init() throws {
        lines = try Lines()
        checkpoint = try TestKeys.checkpoint("alice", by: 1)
    }

    /// The checkpoint cosigned by the witnesses 10 + each number, at the times 1000 + number.
    private func cosigned(by numbers: [Int]) throws -> SignedCheckpoint {
        let lines = try numbers.map { number in
            try TestKeys.witness("w.example/\(number)", UInt8(10 + number)).cosign(
                checkpoint, at: UInt64(1000 + number))
        }
        return try SignedCheckpoint(checkpoint.note.adding(lines))
    }

    @Test func `who cosigned is told with the times`() throws {
        let policy = try TrustPolicy(lines.text + "quorum w11\n")
        let result = try policy.check(cosigned(by: [3, 1]))
        #expect(result.isQuorumMet)
        #expect(result.cosignatures.map(\.name.description) == ["w11", "w13"])
        #expect(result.cosignatures.map(\.time) == [1001, 1003])
        #expect(result.log == (try TestKeys.log("alice", 1)))
        #expect(result.checkpoint == checkpoint.checkpoint)
        try result.requireQuorum()
    }

    @Test func `every set of witnesses meets a nested quorum exactly when the rule says`() throws {
        let policy = try TrustPolicy(
            lines.text + "group X 2 w10 w11 w12\ngroup Y any w13 w14 w15\ngroup Z all X Y\nquorum Z\n")
        for set in 0..<64 {
            let numbers = (0..<6).filter { set >> $0 & 1 == 1 }
            let expected = numbers.count(where: { $0 < 3 }) >= 2 && numbers.contains { $0 >= 3 }
            let names = Set(numbers.map { TrustPolicy.Name("w\(10 + $0)") })
            #expect(policy.shortfalls(cosigned: names).isEmpty == expected, "\(numbers)")
        }
        let short = try policy.check(cosigned(by: [0, 5]))
        #expect(!short.isQuorumMet)
        #expect(short.shortfalls.map(\.name.description) == ["Z", "X"])
        #expect(short.shortfalls[1].missing.map(\.description) == ["w11", "w12"])
        let error = refusal { try short.requireQuorum() }
        #expect(error?.code == .quorumNotMet)
        #expect(error?.reason.contains("the group X needs 2 of 3 and has 1: w11, w12 are missing") == true)
    }

    @Test func `a missing witness that is the quorum is named`() throws {
        let result = try TrustPolicy(lines.text + "quorum w12\n").check(cosigned(by: [0]))
        #expect(result.summary == "cosigned by w10; the witness w12 did not cosign")
    }

    @Test func `no cosignature is needed where the policy says none, and a wrong one still refuses`() throws {
        let policy = try TrustPolicy(lines.text + "quorum none\n")
        #expect(try policy.check(checkpoint).isQuorumMet)
        let witness = try TestKeys.witness("w.example/0", 10).key
        let wrong = try NoteSignature(
            name: witness.name, keyID: witness.id, signature: [UInt8](repeating: 1, count: 72))
        let forged = try SignedCheckpoint(checkpoint.note.adding([wrong]))
        #expect(refusalCode { try policy.check(forged) } == .badSignature)
    }

    @Test func `cosignatures without the log's signature are nothing`() throws {
        let policy = try TrustPolicy(lines.text + "quorum w10\n")
        let lines = try cosigned(by: [0]).note.signatures.dropFirst()
        let unsigned = try SignedCheckpoint(SignedNote(text: checkpoint.note.text, signatures: Array(lines)))
        #expect(refusalCode { try policy.check(unsigned) } == .noKnownSignature)
    }

    @Test func `cosignatures of another checkpoint do not count`() throws {
        let policy = try TrustPolicy(lines.text + "quorum w10\n")
        let other = try TestKeys.checkpoint("alice", size: 4, by: 1)
        let mixed = try SignedCheckpoint(other.note.adding(cosigned(by: [0]).note.signatures.suffix(1)))
        #expect(refusalCode { try policy.check(mixed) } == .badSignature)
    }

    @Test func `one witness that signs often counts once, at its earliest time`() throws {
        let policy = try TrustPolicy(lines.text + "group g 2 w10 w11\nquorum g\n")
        let witness = try TestKeys.witness("w.example/0", 10)
        let lines = try [50, 20, 30].map { try witness.cosign(checkpoint, at: $0) }
        let result = try policy.check(SignedCheckpoint(checkpoint.note.adding(lines)))
        #expect(result.cosignatures.map(\.time) == [20])
        #expect(!result.isQuorumMet)
    }

    @Test func `a log that the policy does not name is refused, unless it is known from elsewhere`() throws {
        let policy = try TrustPolicy(lines.text + "quorum none\n")
        let foreign = try TestKeys.checkpoint("bob", by: 2)
        #expect(refusalCode { try policy.check(foreign) } == .unknownLog)
        let key = try TestKeys.log("bob", 2)
        #expect(try policy.check(foreign, alsoTrusting: [key]).log == key)
        #expect(try policy.check(checkpoint, alsoTrusting: [TestKeys.log("alice", 1)]).isQuorumMet)
        // A trusted log's key on another origin's checkpoint.
        let posing = try SignedCheckpoint(
            TestKeys.note(String(decoding: foreign.note.text, as: UTF8.self), by: "alice", 1))
        #expect(refusalCode { try policy.check(posing) } == .unknownLog)
    }

    @Test func `either key of a log that has two is enough`() throws {
        let policy = try TrustPolicy(lines.text + "log \(TestKeys.log("alice", 2).vkey)\nquorum none\n")
        #expect(try policy.check(TestKeys.checkpoint("alice", by: 2)).log == TestKeys.log("alice", 2))
        #expect(refusalCode { try policy.check(TestKeys.checkpoint("alice", by: 3)) } == .noKnownSignature)
    }

    @Test func `a chain of a thousand groups is walked without recursion`() throws {
        var text = lines.text + "group g0 all w10\n"
        for number in 1..<1024 { text += "group g\(number) all g\(number - 1)\n" }
        let policy = try TrustPolicy(text + "quorum g1023\n")
        #expect(try policy.check(cosigned(by: [0])).isQuorumMet)
        #expect(try policy.check(cosigned(by: [1])).shortfalls.count == 1024)
    }
}
