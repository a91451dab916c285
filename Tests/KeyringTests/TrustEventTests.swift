import Digests
import EventFormat
import Keyring
import Signing
import TestSupport
import Testing

struct TrustEventTests {
    static func all() throws -> [TrustEvent] {
        let keys = try (1...4).map { try TestKeys.key($0).publicKey }
        let p256 = try PrivateKey.generate(.ecdsaP256).publicKey
        let policy = LedgerPolicy(
            allowsUnsigned: false, sources: [try SourceName("/b"): .signed, try SourceName("/\"ä\\"): .unsigned],
            types: [try TypePattern("a.*"): .signed, try TypePattern("a.b"): .unsigned],
            witnesses: try WitnessPolicy("witness w \(TestKeys.vkey(9))\nquorum w\n"))
        return [
            .keyIntroduced(keys[0], role: .authority), .keyIntroduced(p256, role: .log),
            .keyIntroduced(p256, role: .source(try SourceName("https://a.example/ü"))),
            .keyRotated(old: keys[0].id, new: keys[1]),
            .keyRevoked(keys[0].id, reason: "lost \"it\"", compromisedSince: nil),
            .keyRevoked(keys[0].id, reason: "stolen", compromisedSince: .latest),
            .sourceRegistered(try SourceName("/a"), name: nil, keys: []),
            .sourceRegistered(try SourceName("/a"), name: "Intake", keys: [keys[2], p256]),
            try TestKeys.witness(9), .policyAdopted(LedgerPolicy(allowsUnsigned: true)), .policyAdopted(policy),
        ]
    }

    @Test func `what is written reads back, to the byte`() throws {
        let origin = try Origin("records.example.gov/tests")
        for event in try TrustEventTests.all() {
            let recorded = event.event(origin: origin, occurred: .epoch)
            try recorded.validate()
            let read = try TrustEvent(recorded, origin: origin)
            #expect(read == event)
            #expect(read.payload == event.payload, "\(event.type)")
            #expect(recorded.source == origin.text && recorded.type == event.type)
        }
    }

    private static let key = #""algorithm":"ed25519","key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=""#
    private static let id = "0fa58fbfc17c1fa941bc599ed447a51a33e1499f91dd28c2d368a6f7b3488fba"

    /// Type, payload, and what the error must name.
    static let refused: [(String, String, [String])] = [
        ("key.introduced", "", ["key.introduced", "no JSON text"]),
        ("key.introduced", "[]", ["key.introduced is an array", "write an object"]),
        ("key.introduced", "{\(key)}", ["\"role\" is missing", "add it"]),
        ("key.introduced", #"{"role":"log"}"#, ["\"algorithm\" is missing"]),
        ("key.introduced", #"{"role":"witness",\#(key)}"#, ["\"role\" is \"witness\"", "\"authority\""]),
        ("key.introduced", #"{"role":1,\#(key)}"#, ["\"role\" is a number", "string"]),
        ("key.introduced", #"{"role":"source",\#(key)}"#, ["\"source\" is missing"]),
        ("key.introduced", #"{"role":"log","source":"/a",\#(key)}"#, ["\"source\" stands beside the role \"log\""]),
        ("key.introduced", #"{"role":"log","x\u0007":1,\#(key)}"#, ["the member \"x\\u{7}\"", "remove it"]),
        ("key.introduced", #"{"role":"log","role":"log",\#(key)}"#, ["twice"]),
        ("key.introduced", #"{"role":"source","source":"",\#(key)}"#, ["a source has 0 bytes"]),
        ("key.introduced", #"{"role":"source","source":"a\u0000",\#(key)}"#, ["U+0"]),
        ("key.introduced", #"{"role":"log","algorithm":"rsa","key":""}"#, ["\"algorithm\" is \"rsa\"", "ed25519"]),
        ("key.introduced", #"{"role":"log","algorithm":"ed25519","key":"AA"}"#, ["\"key\" is not Base64"]),
        ("key.introduced", #"{"role":"log","algorithm":"ed25519","key":"AA=="}"#, ["\"key\" is no public key"]),
        ("key.rotated", #"{"old":"\#(id)"}"#, ["\"algorithm\" is missing"]),
        ("key.rotated", #"{"old":"\#(id.uppercased())",\#(key)}"#, ["\"old\" is no key id", "lowercase"]),
        ("key.rotated", #"{"old":"\#(id.dropLast())",\#(key)}"#, ["\"old\" is no key id"]),
        ("key.rotated", #"{"old":"\#(id)",\#(key),"role":"log"}"#, ["the member \"role\""]),
        ("key.revoked", #"{"key":"\#(id)"}"#, ["\"reason\" is missing"]),
        ("key.revoked", #"{"key":"\#(id)","reason":""}"#, ["\"reason\" has 0 bytes"]),
        ("key.revoked", #"{"key":"\#(id)","reason":"a\nb"}"#, ["U+A"]),
        (
            "key.revoked", #"{"key":"\#(id)","reason":"x","compromisedSince":"soon"}"#,
            ["\"compromisedSince\" is no time"]
        ),
        ("key.revoked", #"{"key":"\#(id)","reason":"x","compromisedSince":null}"#, ["\"compromisedSince\" is null"]),
        ("source.registered", #"{"source":"/a"}"#, ["\"keys\" is missing"]),
        ("source.registered", #"{"source":"/a","keys":{}}"#, ["\"keys\" is an object", "array"]),
        ("source.registered", #"{"source":"/a","keys":[{\#(key)},{}]}"#, ["keys[1]", "\"algorithm\" is missing"]),
        ("source.registered", #"{"source":"/a","keys":[{\#(key),"role":"log"}]}"#, ["keys[0]", "\"role\""]),
        ("source.registered", #"{"source":"/a","name":"","keys":[]}"#, ["\"name\" has 0 bytes"]),
        ("witness.registered", #"{"url":"https://w"}"#, ["\"vkey\" is missing"]),
        ("witness.registered", #"{"vkey":"w+00000000+AA=="}"#, ["\"vkey\" is no key of a witness"]),
        ("policy.adopted", "{}", ["\"unsigned\" is missing"]),
        ("policy.adopted", #"{"unsigned":"no","sources":{},"types":{}}"#, ["\"unsigned\" is \"no\"", "\"refused\""]),
        ("policy.adopted", #"{"unsigned":"allowed","sources":[],"types":{}}"#, ["\"sources\" is no object"]),
        ("policy.adopted", #"{"unsigned":"allowed","sources":{"/a":true},"types":{}}"#, ["for \"/a\""]),
        ("policy.adopted", #"{"unsigned":"allowed","sources":{},"types":{"*":"signed"}}"#, ["\"types\"", "*"]),
        ("policy.adopted", #"{"unsigned":"allowed","sources":{},"types":{"a*":"signed"}}"#, ["\"types\"", "*"]),
        ("policy.adopted", #"{"unsigned":"allowed","sources":{},"types":{"a.*.b":"signed"}}"#, ["\"types\"", "*"]),
        (
            "policy.adopted", #"{"unsigned":"allowed","sources":{},"types":{},"witnesses":"quorum w"}"#,
            ["\"witnesses\""]
        ),
    ]

    @Test(arguments: refused)
    func `a payload that is not what its type asks for is refused, by name`(
        type: String, payload: String, words: [String]
    ) throws {
        let error = refusal { _ = try TrustEvent(type: type, payload: Array(payload.utf8)) }
        let reason = try #require(error).reason
        #expect(error?.code == .malformed)
        #expect(reason.contains(type))
        for word in words { #expect(reason.contains(word), "\(reason)") }
    }

    @Test func `a key of a log is no key of a witness`() throws {
        let log = try PrivateKey(ed25519Seed: [UInt8](repeating: 3, count: 32))
        let vkey = try NoteKeyText.log("log.example.gov", log.publicKey)
        let error = refusal { _ = try TrustEvent.Witness(vkey: vkey) }
        #expect(error?.reason.contains("of another type than 04") == true)
    }

    @Test(arguments: ["ledger.created", "key.introduced ", "application.received", ""])
    func `the stream ledger has no other types`(type: String) {
        let error = refusal { _ = try TrustEvent(type: type, payload: Array("{}".utf8)) }
        #expect(error?.code == .unknownType)
    }

    @Test func `another source than the origin is refused, and so is another media type`() throws {
        let origin = try Origin("records.example.gov/tests")
        var event = try TestKeys.witness(9).event(origin: origin, occurred: .epoch)
        #expect(refusal { _ = try TrustEvent(event, origin: Origin("other.example.gov")) }?.code == .malformed)
        event.payload?.mediaType = "text/plain"
        #expect(refusal { _ = try TrustEvent(event, origin: origin) }?.reason.contains("application/json") == true)
        event.payload = nil
        #expect(refusal { _ = try TrustEvent(event, origin: origin) }?.code == .malformed)
    }

    @Test func `mutated events are refused, or read and written in one way`() throws {
        let report = try Fuzz("trust-event").run { bytes in
            let parts = bytes.split(separator: 0x0a, maxSplits: 1, omittingEmptySubsequences: false)
            let type = String(decoding: parts[0], as: UTF8.self)
            let event = try TrustEvent(type: type, payload: Array(parts.count > 1 ? parts[1] : []))
            let again = try TrustEvent(type: type, payload: event.payload)
            return again == event && again.payload == event.payload ? bytes : []
        }
        #expect(report.failures.isEmpty, "\(report.failures)")
        #expect(report.rounds > 7 && report.accepted >= 7)
    }
}
