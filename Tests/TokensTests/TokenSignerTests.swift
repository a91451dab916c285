import Digests
import Foundation
import Signing
import Testing

@testable import Tokens

/// Keys in a token of SoftHSM.
@Suite(.enabled(if: SoftHSM.isThere, "needs the package softhsm2")) struct TokenSignerTests {
    private static let message = Array("the council decides".utf8)

    @Test(arguments: SignatureAlgorithm.all)
    func `a key that was made in the token signs, now and when it is opened again`(algorithm: SignatureAlgorithm) throws
    {
        let uri = try SoftHSM.uri()
        let made = try TokenSigner.generate(algorithm, uri, pin: SoftHSM.pin)
        let opened = try TokenSigner(uri, pin: SoftHSM.pin)
        #expect(opened.publicKey == made.publicKey)
        #expect(made.publicKey.algorithm == algorithm)
        for signer in [made, opened] {
            for message in [Self.message, [], [UInt8](repeating: 9, count: 100_000)] {
                let signature = try signer.sign(message.span)
                #expect(signature.count == 64)
                #expect(made.publicKey.verify(signature, over: message))
                #expect(!made.publicKey.verify(signature, over: message + [1]))
            }
        }
        let first = try made.sign(Self.message.span)
        let second = try made.sign(Self.message.span)
        if algorithm == .ed25519 { #expect(first == second, "Ed25519 has one signature for a message") }
    }

    @Test func `a label is used once`() throws {
        let uri = try SoftHSM.uri()
        _ = try TokenSigner.generate(.ed25519, uri, pin: SoftHSM.pin)
        #expect(throws: SigningError(.keyExists, "")) {
            try TokenSigner.generate(.ecdsaP256, uri, pin: SoftHSM.pin)
        }
    }

    @Test func `two keys of one label are told apart by their id`() throws {
        var (first, second) = (try SoftHSM.uri(), try SoftHSM.uri())
        second.object = first.object
        (first.keyID, second.keyID) = ([1], [2])
        let made = [
            try TokenSigner.generate(.ed25519, first, pin: SoftHSM.pin),
            try TokenSigner.generate(.ecdsaP256, second, pin: SoftHSM.pin),
        ]
        #expect(try TokenSigner(first, pin: SoftHSM.pin).publicKey == made[0].publicKey)
        #expect(try TokenSigner(second, pin: SoftHSM.pin).publicKey == made[1].publicKey)
        first.keyID = nil
        let error = #expect(throws: SigningError(.ambiguous, "")) { try TokenSigner(first, pin: SoftHSM.pin) }
        #expect(error?.reason.contains("id=") == true)
    }

    @Test func `a key without a label is named by its id`() throws {
        var uri = try SoftHSM.uri()
        let id: [UInt8] = [0, 0xff, 0x4d] + Array(uri.object?.utf8 ?? "".utf8)
        uri = try PKCS11URI(token: uri.token, object: nil, keyID: id, modulePath: uri.modulePath)
        let made = try TokenSigner.generate(.ed25519, uri, pin: SoftHSM.pin)
        let signer = try TokenSigner(PKCS11URI(uri.text), pin: SoftHSM.pin)
        #expect(signer.publicKey == made.publicKey)
        let message: [UInt8] = [1, 2]
        let signature = try signer.sign(message.span)
        let holds = signer.publicKey.verify(signature.span, over: message.span)
        #expect(holds)
        #expect(throws: SigningError(.keyExists, "")) { try TokenSigner.generate(.ed25519, uri, pin: SoftHSM.pin) }
        uri.keyID = id + [1]
        let error = #expect(throws: SigningError(.keyMissing, "")) { try TokenSigner(uri, pin: SoftHSM.pin) }
        #expect(error?.reason.contains("id 00ff4d") == true)
    }

    @Test func `what is missing is named, with what is there`() throws {
        let uri = try SoftHSM.uri()
        _ = try TokenSigner.generate(.ed25519, uri, pin: SoftHSM.pin)
        var wrong = uri
        wrong.object = "no such key"
        let key = #expect(throws: SigningError(.keyMissing, "")) { try TokenSigner(wrong, pin: SoftHSM.pin) }
        #expect(key?.reason.contains("“no such key”") == true)
        wrong = uri
        wrong.token = "nowhere"
        let token = #expect(throws: SigningError(.tokenMissing, "")) { try TokenSigner(wrong, pin: SoftHSM.pin) }
        #expect(token?.reason.contains("“registry”") == true)
        wrong.token = "twin"
        let twin = #expect(throws: SigningError(.ambiguous, "")) { try TokenSigner(wrong, pin: SoftHSM.pin) }
        #expect(twin?.reason.contains("serial=") == true)
    }

    @Test func `a missing, empty or foreign module is refused`() throws {
        let folder = SoftHSM.folder
        try Data().write(to: URL(filePath: folder + "/empty.so"))
        for path in [folder + "/none.so", folder + "/empty.so", folder, "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"] {
            let uri = try PKCS11URI(token: "registry", object: "key", modulePath: path)
            #expect(throws: SigningError(.moduleUnusable, "")) { try TokenSigner(uri, pin: SoftHSM.pin) }
        }
    }

    /// In a token of its own, since a login holds for the whole process.
    @Test func `no PIN, a wrong one and the right one`() throws {
        let uri = try SoftHSM.uri("other")
        let wrongPIN = SigningError(.wrongPIN, "")
        let none = #expect(throws: wrongPIN) { try TokenSigner.generate(.ed25519, uri) }
        #expect(none?.reason.contains("pin-source") == true)
        for pin in [Array("4321".utf8), [0x31], [UInt8](repeating: 0x31, count: 1_000)] {
            #expect(throws: wrongPIN) { try TokenSigner.generate(.ed25519, uri, pin: pin) }
        }
        let path = SoftHSM.folder + "/pin"
        try Data("1234\n".utf8).write(to: URL(filePath: path))
        var located = uri
        located.pinSource = .file(path)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: SigningError(.openToOthers, "")) { try TokenSigner.generate(.ed25519, located) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let made = try TokenSigner.generate(.ed25519, located)
        setenv("TOKEN_TEST_PIN", "1234", 1)
        located.pinSource = .environment("TOKEN_TEST_PIN")
        #expect(try TokenSigner(located).publicKey == made.publicKey)
        located.pinSource = .environment("TOKEN_TEST_NO_PIN")
        #expect(throws: SigningError(.secretMissing, "")) { try TokenSigner(located) }
    }

    @Test func `the private key cannot be read out of the token`() throws {
        let uri = try SoftHSM.uri()
        _ = try TokenSigner.generate(.ed25519, uri, pin: SoftHSM.pin)
        let module = try TokenModule(path: uri.modulePath)
        let session = try TokenSession(module, module.slot(uri.token, serial: nil), pin: SoftHSM.pin, writing: false)
        let key = try session.privateKey(uri)
        // CKA_VALUE, CKA_EXTRACTABLE, CKA_SENSITIVE
        let value = session.attribute(0x11, of: key)
        let (isExtractable, isSensitive) = (session.attribute(0x162, of: key), session.attribute(0x103, of: key))
        #expect(value == nil)
        #expect(isExtractable == [0])
        #expect(isSensitive == [1])
    }

    @Test func `a public key that belongs to another private one is noticed`() throws {
        var (first, second) = (try SoftHSM.uri(), try SoftHSM.uri())
        (first.keyID, second.keyID) = ([7, 1], [7, 2])
        let signers = [
            try TokenSigner.generate(.ed25519, first, pin: SoftHSM.pin),
            try TokenSigner.generate(.ed25519, second, pin: SoftHSM.pin),
        ]
        #expect(signers[0].publicKey != signers[1].publicKey)
        let module = try TokenModule(path: first.modulePath)
        let session = try TokenSession(module, module.slot(first.token, serial: nil), pin: SoftHSM.pin, writing: true)
        // The second public key takes the id of the first, whose own goes.
        try session.movePublicKey(from: [7, 2], to: [7, 1])
        #expect(throws: SigningError(.malformedPublicKey, "")) { try TokenSigner(first, pin: SoftHSM.pin) }
        #expect(throws: SigningError(.keyMissing, "")) { try TokenSigner(second, pin: SoftHSM.pin) }
    }

    @Test func `one signer serves many threads`() async throws {
        for algorithm in SignatureAlgorithm.all {
            let signer = try TokenSigner.generate(algorithm, SoftHSM.uri(), pin: SoftHSM.pin)
            let right = await withTaskGroup(of: Int.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        (0..<40).count { number in
                            let message = Array("\(task) \(number)".utf8)
                            guard let signature = try? signer.sign(message.span) else { return false }
                            return signer.publicKey.verify(signature, over: message)
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(right == 320)
        }
    }

    @Test func `many signers come and go`() throws {
        let uri = try SoftHSM.uri()
        let made = try TokenSigner.generate(.ed25519, uri, pin: SoftHSM.pin)
        for _ in 0..<300 { #expect(try TokenSigner(uri, pin: SoftHSM.pin).publicKey == made.publicKey) }
    }
}
