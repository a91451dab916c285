import Digests
import Foundation
import TestSupport
import Testing
import Timestamping

/// Responses of a local authority.
@Suite(.enabled(if: OpenSSL.isThere, "needs the program openssl")) struct ResponseTests {
    private static let request = TimestampRequest(imprint: SHA256.hash([1, 2, 3].span))

    @Test(arguments: ["-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "-algorithm RSA"])
    func `an honest answer tells when, who and under which policy`(key: String) throws {
        let authority = try Authority(key: key)
        let before = Int64(Date().timeIntervalSince1970)
        let response = try authority.answer(Self.request)
        let after = Int64(Date().timeIntervalSince1970)
        let timestamp = try response.verify(Self.request, anchors: authority.anchors)
        #expect((before...after).contains(timestamp.seconds))
        #expect((0..<1_000_000).contains(timestamp.microseconds))
        #expect(timestamp.accuracyMicroseconds == 1_500_100)
        #expect(timestamp.policy == "1.2.3.4.1")
        #expect(timestamp.authority == "CN=Clock")
        #expect(!timestamp.serial.isEmpty)
        let again = try authority.answer(Self.request).verify(Self.request, anchors: authority.anchors)
        #expect(again.serial != timestamp.serial)
        // What is stored is enough to verify later on.
        let (question, answer) = (try TimestampRequest(Self.request.bytes), TimestampResponse(response.bytes))
        #expect(try answer.verify(question, anchors: authority.anchors) == timestamp)
    }

    @Test func `openssl reads the request as it is meant`() throws {
        let authority = try Authority()
        try authority.write(Self.request.bytes, to: "request.tsq")
        let text = String(
            decoding: try OpenSSL.run(in: authority.folder, "ts -query -in request.tsq -text"), as: UTF8.self)
        #expect(text.contains("Hash Algorithm: sha256"))
        #expect(text.contains("Nonce: 0x\(Hex.encode(Self.request.nonce).uppercased())"))
        #expect(text.contains("Certificate required: yes"))
    }

    @Test func `an answer to other bytes or another request is refused`() throws {
        let authority = try Authority()
        let response = try authority.answer(Self.request)
        let otherImprint = TimestampRequest(imprint: SHA256.hash([9].span))
        let otherNonce = TimestampRequest(imprint: Self.request.imprint)
        let anchors = try authority.anchors
        #expect(throws: TimestampError(.wrongImprint)) { try response.verify(otherImprint, anchors: anchors) }
        #expect(throws: TimestampError(.wrongNonce)) { try response.verify(otherNonce, anchors: anchors) }
    }

    @Test func `an answer without a nonce, of another hash or another version is refused`() throws {
        let authority = try Authority()
        let anchors = try authority.anchors
        let honest = Statement(Self.request)
        #expect(try authority.answer(honest).verify(Self.request, anchors: anchors).seconds == 1_592_222_400)
        var statement = honest
        statement.nonce = nil
        #expect(throws: TimestampError(.wrongNonce)) {
            try authority.answer(statement).verify(Self.request, anchors: anchors)
        }
        statement = honest
        // SHA-512/256, whose values have 32 bytes too
        statement.method[8] = 6
        #expect(throws: TimestampError(.wrongImprint)) {
            try authority.answer(statement).verify(Self.request, anchors: anchors)
        }
        statement = honest
        statement.version = 2
        #expect(throws: TimestampError(.wrongSignature)) {
            try authority.answer(statement).verify(Self.request, anchors: anchors)
        }
    }

    @Test(arguments: [
        "20200615120000", "20200615120000+0100", "202006151200Z", "20200631120000Z", "20200615240000Z",
        "20200615120000.Z", "20200615120000,5Z", "2020061512000aZ",
    ])
    func `a time that is none is refused`(time: String) throws {
        let authority = try Authority()
        var statement = Statement(Self.request)
        statement.time = time
        let anchors = try authority.anchors
        #expect(throws: TimestampError(.malformedResponse)) {
            try authority.answer(statement).verify(Self.request, anchors: anchors)
        }
    }

    @Test func `another policy than the one wanted is refused`() throws {
        let authority = try Authority()
        let response = try authority.answer(Self.request, options: "-tspolicy 1.2.3.4.5")
        let anchors = try authority.anchors
        #expect(try response.verify(Self.request, anchors: anchors, policy: "1.2.3.4.5").policy == "1.2.3.4.5")
        #expect(throws: TimestampError(.wrongPolicy)) {
            try response.verify(Self.request, anchors: anchors, policy: "1.2.3.4.1")
        }
    }

    @Test func `an authority that leads to no anchor is refused`() throws {
        let (authority, other) = (try Authority(), try Authority())
        let response = try authority.answer(Self.request)
        let (anchors, others) = (try authority.anchors, try other.anchors)
        let error = #expect(throws: TimestampError(.untrusted)) {
            try response.verify(Self.request, anchors: others)
        }
        #expect(error?.reason.contains("certificate") == true, "\(error?.reason ?? "")")
        // One of several is enough, and the signer's own certificate may be the anchor.
        #expect(try response.verify(Self.request, anchors: others + anchors).authority == "CN=Clock")
        #expect(try response.verify(Self.request, anchors: authority.bytes("signer.pem")).authority == "CN=Clock")
    }

    @Test func `anchors that cannot be read are refused, not passed over`() throws {
        let authority = try Authority()
        let response = try authority.answer(Self.request)
        let anchors = try authority.anchors
        let broken = Array(String(decoding: anchors, as: UTF8.self).replacingOccurrences(of: "MII", with: "!!!").utf8)
        #expect(broken != anchors)
        for text in [[], Array("no certificate".utf8), broken, anchors + broken, Array(anchors.dropLast(40))] {
            #expect(throws: TimestampError(.malformedAnchors)) { try response.verify(Self.request, anchors: text) }
        }
    }

    @Test(arguments: [nil, "timeStamping", "critical,serverAuth", "critical,timeStamping,serverAuth"])
    func `a certificate that is not for time-stamping alone is refused`(usage: String?) throws {
        let authority = try Authority(.init(usage: usage))
        let anchors = try authority.anchors
        #expect(throws: TimestampError(.untrusted)) {
            try authority.answer(Statement(Self.request)).verify(Self.request, anchors: anchors)
        }
    }

    @Test func `a certificate that has expired since is judged as of the stated time`() throws {
        let authority = try Authority(.init(start: "20200101000000Z", end: "20210101000000Z"))
        let anchors = try authority.anchors
        var statement = Statement(Self.request)
        statement.time = "20200615120000.25Z"
        let timestamp = try authority.answer(statement).verify(Self.request, anchors: anchors)
        #expect(timestamp.seconds == 1_592_222_400)
        #expect(timestamp.microseconds == 250_000)
        for time in ["20191231235959Z", "20210101000001Z", "20300101000000Z"] {
            statement.time = time
            #expect(throws: TimestampError(.untrusted), "\(time)") {
                try authority.answer(statement).verify(Self.request, anchors: anchors)
            }
        }
    }

    @Test func `keys of less than 112 bits of security are refused`() throws {
        let authority = try Authority(key: "-algorithm RSA -pkeyopt rsa_keygen_bits:1024")
        let anchors = try authority.anchors
        #expect(throws: TimestampError(.untrusted)) {
            try authority.answer(Self.request).verify(Self.request, anchors: anchors)
        }
    }

    @Test func `a refusal is told in the authority's words`() throws {
        // PKIStatus 2 (rejection) with the text "no"
        let text = DER.sequence([DER.value(0x0c, Array("no such policy".utf8))])
        let refusal = DER.sequence([DER.sequence([DER.integer([2]), text])])
        let error = #expect(throws: TimestampError(.refused)) {
            try TimestampResponse(refusal).verify(Self.request, anchors: [])
        }
        #expect(error?.reason.contains("no such policy") == true)
    }

    @Test func `a response that is cut off anywhere is refused`() throws {
        let authority = try Authority()
        let response = try authority.answer(Self.request)
        let anchors = try authority.anchors
        for count in 0..<response.bytes.count {
            let cut = TimestampResponse(Array(response.bytes[..<count]))
            #expect(throws: TimestampError(.malformedResponse)) { try cut.verify(Self.request, anchors: anchors) }
        }
        for bytes in [response.bytes + [0], [UInt8](repeating: 0x30, count: TimestampResponse.byteLimit + 1)] {
            #expect(throws: TimestampError(.malformedResponse)) {
                try TimestampResponse(bytes).verify(Self.request, anchors: anchors)
            }
        }
    }

    @Test func `no byte of a response can be changed so that it says something else`() throws {
        let authority = try Authority()
        let response = try authority.answer(Self.request)
        let anchors = try authority.anchors
        let honest = try response.verify(Self.request, anchors: anchors)
        var refused = 0
        for index in response.bytes.indices {
            for flip in [UInt8(0x01), 0x80, 0xff] {
                var changed = response.bytes
                changed[index] ^= flip
                guard let timestamp = try? TimestampResponse(changed).verify(Self.request, anchors: anchors) else {
                    refused += 1
                    continue
                }
                #expect(timestamp == honest, "byte \(index)")
            }
        }
        #expect(refused > response.bytes.count)
    }

    @Test func `mutated responses and anchors never crash`() throws {
        var generator = SeededGenerator(seed: printedSeed("time-stamp responses"))
        let authority = try Authority()
        let response = try authority.answer(Self.request)
        let anchors = try authority.anchors
        let honest = try response.verify(Self.request, anchors: anchors)
        for _ in 0..<4_000 {
            var (reply, certificates) = (response.bytes, anchors)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                if Int.random(in: 0..<5, using: &generator) == 0 {
                    Self.mutate(&certificates, &generator)
                } else {
                    Self.mutate(&reply, &generator)
                }
            }
            guard let timestamp = try? TimestampResponse(reply).verify(Self.request, anchors: certificates) else {
                continue
            }
            #expect(timestamp == honest)
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: generator.bytes(3), at: place)
        default: bytes.replaceSubrange(place..<min(bytes.count, place + 8), with: [0x84, 0xff, 0xff, 0xff, 0xff])
        }
    }
}
