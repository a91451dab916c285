import Signing
import TestSupport
import Testing

@testable import Tokens

/// PKCS#11 URIs, without a token.
@Suite struct PKCS11URITests {
    private static let module = "module-path=/usr/lib/softhsm/libsofthsm2.so"

    @Test func `a URI names token, key, module and PIN`() throws {
        let uri = try PKCS11URI(
            "pkcs11:token=The%20Registry;object=log%2Fkey;id=%01%ff;serial=11c2;type=private?\(Self.module)"
                + "&pin-source=file:/etc/mohur/pin")
        #expect(uri.token == "The Registry")
        #expect(uri.object == "log/key")
        #expect(uri.keyID == [1, 255])
        #expect(uri.serial == "11c2")
        #expect(uri.modulePath == "/usr/lib/softhsm/libsofthsm2.so")
        #expect(uri.pinSource == .file("/etc/mohur/pin"))
        #expect(try PKCS11URI(uri.text) == uri)
    }

    @Test(arguments: [
        ("/run/pin", SecretSource.file("/run/pin")), ("file:///run/pin", .file("/run/pin")),
        ("env:PIN", .environment("PIN")),
    ])
    func `a PIN's source is a file or a variable`(text: String, source: SecretSource) throws {
        let uri = try PKCS11URI("PKCS11:token=a;object=b?\(Self.module)&pin-source=\(text)")
        #expect(uri.pinSource == source)
        #expect(try PKCS11URI(uri.text) == uri)
    }

    @Test func `text in any script is read back`() throws {
        let uri = try PKCS11URI(token: "登録 ü", object: "a;b?c&d=e%", modulePath: "/opt/my module.so")
        #expect(try PKCS11URI(uri.text) == uri)
    }

    @Test(arguments: [
        ("file:/key", "pkcs11:"), ("pkcs11:", "token="), ("pkcs11:token=a?\(module)", "object="),
        ("pkcs11:token=a;object=b", "module-path="), ("pkcs11:token=a;object=b?module-path=lib.so", "absolute"),
        ("pkcs11:token=a;object=b;pin-value=1?\(module)", "pin-source"),
        ("pkcs11:token=a;object=b?\(module)&pin-value=1234", "pin-source"),
        ("pkcs11:token=a;token=c;object=b?\(module)", "twice"), ("pkcs11:token=%4;object=b?\(module)", "%"),
        ("pkcs11:token=%zz;object=b?\(module)", "%"), ("pkcs11:token=a b;object=b?\(module)", "blank"),
        ("pkcs11:token=%ff;object=b?\(module)", "UTF-8"), ("pkcs11:token=%00;object=b?\(module)", "UTF-8"),
        ("pkcs11:token=a;object=b;model=x?\(module)", "model"), ("pkcs11:token=a;object=b;x?\(module)", "x"),
        ("pkcs11:token=a;object=b;type=cert?\(module)", "private"),
        ("pkcs11:token=a;object=b?\(module)&pin-source=pin", "absolute"),
        ("pkcs11:token=a;object=b?\(module)&pin-source=%7Cprogram", "absolute"),
        ("pkcs11:token=\(String(repeating: "a", count: 33));object=b?\(module)", "32"),
        ("pkcs11:token=a;object=\(String(repeating: "b", count: 5_000))?\(module)", "4096"),
    ])
    func `a URI that cannot be used is refused with the reason`(text: String, word: String) {
        let error = #expect(throws: SigningError(.malformedURI, "")) { try PKCS11URI(text) }
        #expect(error?.reason.contains(word) == true, "\(error?.reason ?? "")")
        #expect(error?.reason.contains("1234") == false, "a PIN is not repeated")
    }

    @Test func `mutated URIs are refused or read back the same`() throws {
        var generator = SeededGenerator(seed: printedSeed("PKCS#11 URIs"))
        let text = "pkcs11:token=a%20b;object=k;id=%01;serial=1?\(Self.module)&pin-source=env:PIN"
        let pieces = ["%", ";", "&", "?", "=", "%41", "token=", "id=", "ü", "\0", "pin-source=", "a"].map {
            Array($0.utf8)
        }
        var read = 0
        for _ in 0..<20_000 {
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0...bytes.count, using: &generator)
                if Bool.random(using: &generator), place < bytes.count {
                    bytes.remove(at: place)
                } else {
                    bytes.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
                }
            }
            guard let uri = try? PKCS11URI(String(decoding: bytes, as: UTF8.self)) else { continue }
            read += 1
            #expect(try PKCS11URI(uri.text) == uri)
        }
        #expect(read > 100)
    }

    @Test func `points are unwrapped in every way that tokens write them`() throws {
        for algorithm in SignatureAlgorithm.all {
            let key = try PrivateKey.generate(algorithm).publicKey
            let count = UInt8(key.bytes.count)
            for point in [key.bytes, [4, count] + key.bytes, [3, count + 1, 0] + key.bytes] {
                #expect(try TokenPoint.publicKey(algorithm, point: point) == key)
            }
            for point in [[], Array(key.bytes.dropLast()), [5, count] + key.bytes, [4, count - 1] + key.bytes] {
                #expect(throws: SigningError(.malformedPublicKey, "")) {
                    try TokenPoint.publicKey(algorithm, point: point)
                }
            }
        }
        #expect(TokenPoint.algorithm(parameters: [0x06, 0x05, 0x2b, 0x81, 0x04, 0, 0x22]) == nil, "P-384")
    }
}
