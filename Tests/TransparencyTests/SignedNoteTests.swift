import Digests
import Signing
import Testing
import Transparency

private let goNotes = "golang-mod-sumdb/note.json"
private let example = "c2sp-spec-examples/signed-note.example"

@Suite struct SignedNoteTests {
    @Test func `a note is read and written to the same bytes`() throws {
        let note = try TestKeys.note("a text\n\nwith an empty line\n", by: "example.com/a", 1)
        let read = try SignedNote(note.bytes)
        #expect(read == note)
        #expect(read.bytes == note.bytes)
        #expect(read.text == "a text\n\nwith an empty line\n".bytes)
        #expect(try read.verified(by: [TestKeys.log("example.com/a", 1)]).count == 1)
    }

    @Test(arguments: ["\n", "\n\n", "a\n\n\n", "\n\n\na\n", "— x AAAAAAA=\n", "a\n\n— x AAAAAAA=\n"])
    func `empty lines and signature lines in the text stay text`(text: String) throws {
        let note = try TestKeys.note(text, by: "example.com/a", 1)
        let read = try SignedNote(note.bytes)
        #expect(read.text == text.bytes)
        #expect(read.signatures.count == 1)
        #expect(read.bytes == note.bytes)
    }

    private static let line = "— example.com/a U6I5d3lr\n"

    @Test(arguments: [
        ("", "empty"),
        ("text\n", "no signatures"),
        ("text\n\n", "an empty line and no signatures"),
        ("text\n\n" + line.dropLast(), "a last line that does not end"),
        ("text\n" + line, "no empty line"),
        ("\n" + line, "no text"),
        ("text\r\n\r\n" + line, "carriage returns"),
        ("text\u{1}\n\n" + line, "a control character"),
        ("te\txt\n\n" + line, "a tab"),
        ("text\n\n" + line + "\n", "an empty line behind the signatures"),
        ("text\n\n" + line + "more\n", "a line that is no signature"),
        ("text\n\n- example.com/a U6I5d3lr\n", "a hyphen"),
        ("text\n\n–\u{20}example.com/a U6I5d3lr\n", "an en dash"),
        ("text\n\n—\u{a0}example.com/a U6I5d3lr\n", "a no-break space behind the dash"),
        ("text\n\n—  example.com/a U6I5d3lr\n", "two spaces"),
        ("text\n\n— example.com/a  U6I5d3lr\n", "two spaces before the signature"),
        ("text\n\n— example.com/a U6I5d3lr \n", "a space at the end"),
        ("text\n\n— U6I5d3lr\n", "no name"),
        ("text\n\n— exam+ple U6I5d3lr\n", "a plus in the name"),
        ("text\n\n— exam\u{a0}ple U6I5d3lr\n", "a no-break space in the name"),
        ("text\n\n— exam\u{2003}ple U6I5d3lr\n", "an em space in the name"),
        ("text\n\n— exam\u{85}ple U6I5d3lr\n", "a next line in the name"),
        ("text\n\n— exam\u{3000}ple U6I5d3lr\n", "an ideographic space in the name"),
        ("text\n\n— example.com/a U6I5dw==\n", "a key ID and no signature"),
        ("text\n\n— example.com/a U6I5d3l\n", "base64 without its padding"),
        ("text\n\n— example.com/a U6I5d3k\n", "base64 that is cut"),
        ("text\n\n— example.com/a U6I5d3n=\n", "base64 with bits that are not used"),
        ("text\n\n— example.com/a U6I5d3l-\n", "base64 of the URL alphabet"),
        ("text\n\n— example.com/a ====\n", "padding alone"),
    ])
    func `what is no note is refused`(text: String, why: String) {
        let code = refusalCode { try SignedNote(text.bytes) }
        #expect([.malformedNote, .malformedName, .invalidText].contains(code), "\(why)")
    }

    @Test(
        arguments: [[0xff], [0xc0, 0x8a], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x80]] as [[UInt8]])
    func `bytes that are no UTF-8 are refused, in the text and in names`(bytes: [UInt8]) {
        #expect(refusalCode { try SignedNote(bytes + "\n\n— a U6I5d3lr\n".bytes) } == .invalidText)
        #expect(refusalCode { try SignedNote("a\n\n— a".bytes + bytes + " U6I5d3lr\n".bytes) } == .invalidText)
    }

    @Test func `the bounds are kept when reading and when writing`() throws {
        let note = try TestKeys.note("text\n", by: "example.com/a", 1)
        let line = note.signatures[0]
        let hundred = [NoteSignature](repeating: line, count: 100)
        #expect(try SignedNote(SignedNote(text: note.text, signatures: hundred).bytes).signatures.count == 100)
        #expect(refusalCode { try SignedNote(text: note.text, signatures: hundred + [line]) } == .tooLarge)
        #expect(refusalCode { try SignedNote(note.bytes + hundred.flatMap(\.line)) } == .tooLarge)
        let room = SignedNote.maximumByteCount - note.bytes.count + note.text.count
        let largest = [UInt8](repeating: 0x61, count: room - 1) + [0x0a]
        #expect(try SignedNote(SignedNote(text: largest, signatures: [line]).bytes).text.count == room)
        #expect(refusalCode { try SignedNote(text: [0x61] + largest, signatures: [line]) } == .tooLarge)
        #expect(refusalCode { try SignedNote([0x61] + largest + [0x0a] + line.line) } == .tooLarge)
    }

    @Test func `what a reader would refuse cannot be made`() throws {
        let line = try TestKeys.note("text\n", by: "example.com/a", 1).signatures
        #expect(refusalCode { try SignedNote(text: "text".bytes, signatures: line) } == .malformedNote)
        #expect(refusalCode { try SignedNote(text: [], signatures: line) } == .malformedNote)
        #expect(refusalCode { try SignedNote(text: "text\n".bytes, signatures: []) } == .malformedNote)
        #expect(refusalCode { try SignedNote(text: "a\rb\n".bytes, signatures: line) } == .invalidText)
        #expect(refusalCode { try SignedNote(text: [0xff, 0x0a], signatures: line) } == .invalidText)
        #expect(refusalCode { try NoteSignature(name: line[0].name, keyID: line[0].keyID, signature: []) } != nil)
        for name in ["", "a b", "a+b", "a\u{2028}b", "a\nb", "a\u{7}b", "a\u{1680}"] {
            #expect(refusalCode { try KeyName(name) } == .malformedName)
        }
    }

    @Test func `names are compared by their bytes`() throws {
        let (composed, decomposed) = (try KeyName("caf\u{e9}"), try KeyName("cafe\u{301}"))
        #expect(composed != decomposed)
        let key = try NoteKey(name: composed, publicKey: TestKeys.signer(1).publicKey)
        let note = try TestKeys.note("text\n", by: "cafe\u{301}", 1)
        #expect(refusalCode { try note.verified(by: [key]) } == .noKnownSignature)
    }
}

@Suite struct NoteVerifyingTests {
    private let (alice, bob): (NoteKey, NoteKey)
    private let note: SignedNote

    init() throws {
        (alice, bob) = (try TestKeys.log("alice", 1), try TestKeys.log("bob", 2))
        note = try TestKeys.note("text\n", by: "alice", 1)
            .adding(TestKeys.note("text\n", by: "bob", 2).signatures)
    }

    @Test func `trusted keys that signed are told, strangers are passed over`() throws {
        #expect(try note.verified(by: [alice, bob]) == [alice, bob])
        #expect(try note.verified(by: [bob, alice]) == [alice, bob])
        #expect(try note.verified(by: [bob]) == [bob])
        #expect(refusalCode { try note.verified(by: []) } == .noKnownSignature)
        #expect(refusalCode { try note.verified(by: [TestKeys.log("alice", 3)]) } == .noKnownSignature)
        #expect(refusalCode { try note.verified(by: [TestKeys.log("carol", 1)]) } == .noKnownSignature)
    }

    @Test func `one wrong line of a trusted key refuses the whole note`() throws {
        for bit in [0, 100, 511] {
            var signature = note.signatures[1].signature
            signature[bit / 8] ^= 1 << UInt8(bit % 8)
            let forged = try NoteSignature(name: bob.name, keyID: bob.id, signature: signature)
            let mixed = try SignedNote(text: note.text, signatures: [note.signatures[0], forged])
            #expect(refusalCode { try mixed.verified(by: [alice, bob]) } == .badSignature)
            #expect(try mixed.verified(by: [alice]) == [alice])
        }
        let short = try NoteSignature(name: bob.name, keyID: bob.id, signature: [1])
        let mixed = try SignedNote(text: note.text, signatures: [note.signatures[0], short])
        #expect(refusalCode { try mixed.verified(by: [alice, bob]) } == .badSignature)
    }

    @Test func `a right line does not cover for a wrong one of the same key`() throws {
        let wrong = try TestKeys.note("other\n", by: "alice", 1).signatures
        for lines in [note.signatures + wrong, wrong + note.signatures] {
            let mixed = try SignedNote(text: note.text, signatures: lines)
            #expect(refusalCode { try mixed.verified(by: [alice, bob]) } == .badSignature)
        }
    }

    @Test func `a line that stands twice counts once`() throws {
        let twice = try SignedNote(text: note.text, signatures: note.signatures + note.signatures)
        #expect(try twice.verified(by: [alice, bob]) == [alice, bob])
        #expect(try twice.verifiedSignatures(by: [alice, bob]).count == 2)
    }

    @Test func `another text or another key is refused`() throws {
        let other = try SignedNote(text: "texT\n".bytes, signatures: note.signatures)
        #expect(refusalCode { try other.verified(by: [alice]) } == .badSignature)
        // A key that was ground to the same name and key ID.
        let line = note.signatures[0]
        let stranger = try TestKeys.signer(9).sign(note.text.span)
        let forged = try NoteSignature(name: line.name, keyID: line.keyID, signature: stranger)
        let forgery = try SignedNote(text: note.text, signatures: [forged])
        #expect(refusalCode { try forgery.verified(by: [alice]) } == .badSignature)
    }

    @Test func `two keys that no line tells apart are an error, when a line needs them`() throws {
        #expect(refusalCode { try note.verified(by: [alice, alice]) } == .ambiguousKey)
        let other = try TestKeys.note("text\n", by: "bob", 2)
        #expect(try other.verified(by: [alice, bob, alice]) == [bob])
    }
}

@Suite(.enabled(if: Vectors.has(goNotes), "needs the vectors in \(goNotes)"))
struct GoNoteTests {
    private struct File: Decodable {
        let signText, signed: String
        let badVkeys: [String]
        let open: [Case]
    }

    private struct Case: Decodable {
        let desc: String
        let msg, msgBase64: String?
        let keys: [String]
        let ok: Bool
        let verified: [String]?

        var bytes: [UInt8]? { msg.map(\.bytes) ?? msgBase64.flatMap { Base64.decode($0.bytes) } }
    }

    private let file: File
    private static let seed = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"

    init() throws { file = try Vectors.decode(File.self, from: goNotes) }

    @Test func `every published case of opening gives its outcome`() throws {
        #expect(file.open.count == 15)
        for vector in file.open {
            let keys = try vector.keys.map { try NoteKey(vkey: $0) }
            let bytes = try #require(vector.bytes)
            let result = Result { try SignedNote(bytes).verified(by: keys) }
            switch result {
            case .success(let signers):
                #expect(vector.ok, "\(vector.desc)")
                #expect(signers.map { "\($0.name)+\($0.id)" } == vector.verified, "\(vector.desc)")
                #expect(try SignedNote(bytes).bytes == bytes, "\(vector.desc)")
            case .failure(let error): #expect(!vector.ok, "\(vector.desc): \(error)")
            }
        }
    }

    @Test func `the published signer makes the published note`() throws {
        let payload = try #require(Base64.decode(Self.seed.bytes))
        let signer = try PrivateSeed(payload)
        let key = try NoteKey(name: KeyName("PeterNeumann"), publicKey: signer.key.publicKey)
        #expect("\(key.id)" == "c74f20a3")
        let signature = try signer.key.sign(file.signText.bytes.span)
        let line = try NoteSignature(name: key.name, keyID: key.id, signature: signature)
        #expect(try SignedNote(text: file.signText.bytes, signatures: [line]).bytes == file.signed.bytes)
    }

    @Test func `every cut of a vkey and every byte raised by one is refused`() throws {
        let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        #expect(try NoteKey(vkey: vkey).vkey == vkey)
        for text in file.badVkeys { #expect(refusal { try NoteKey(vkey: text) } != nil, "\(text)") }
        let bytes = vkey.bytes
        for start in bytes.indices {
            for end in start...bytes.count where end - start < bytes.count {
                let cut = String(decoding: bytes[start..<end], as: UTF8.self)
                #expect(refusal { try NoteKey(vkey: cut) } != nil, "\(cut)")
            }
            var raised = bytes
            raised[start] += 1
            let text = String(decoding: raised, as: UTF8.self)
            #expect(refusal { try NoteKey(vkey: text) } != nil, "\(text)")
        }
    }

    @Test(.enabled(if: Vectors.has("\(example).note"), "needs the vectors in \(example).note"))
    func `the example of the specification verifies`() throws {
        let key = try NoteKey(vkey: Vectors.text("\(example).vkey").split(separator: "\n").joined())
        let bytes = try Vectors.bytes("\(example).note")
        let note = try SignedNote(bytes)
        #expect(try note.verified(by: [key]) == [key])
        #expect(note.bytes == bytes)
        #expect(note.text == "This is an example message.\n".bytes)
    }
}
