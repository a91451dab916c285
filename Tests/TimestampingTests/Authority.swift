import Digests
import Foundation
import Testing
import Timestamping

/// The program openssl.
enum OpenSSL {
    static let isThere = ["/usr/bin/openssl", "/usr/local/bin/openssl"].contains {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Runs `openssl` in `folder` and returns its standard output.
    @discardableResult
    static func run(in folder: String, _ arguments: String) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map { String($0) }
        process.currentDirectoryURL = URL(filePath: folder)
        let (output, error) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = error
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        let words = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(
            process.terminationStatus == 0, "openssl \(arguments): \(String(decoding: words, as: UTF8.self))")
        return data
    }
}

/// A time-stamping authority of the tests' own, in a folder that is removed with it.
final class Authority: Sendable {
    /// How the signer's certificate is made.
    struct Certificate: Sendable {
        var usage: String? = "critical,timeStamping"
        /// UTCTime or GeneralizedTime, as `openssl ca` takes it.
        var start = "20200101000000Z"
        var end = "20991231235959Z"
    }

    let folder = FileManager.default.temporaryDirectory.path + "/authority-\(UUID().uuidString)"

    init(_ certificate: Certificate = Certificate(), key: String = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256")
        throws
    {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let usage = certificate.usage.map { "extendedKeyUsage = \($0)\n" } ?? ""
        try write(
            """
            [ca]
            default_ca = ca_section
            [ca_section]
            database = index.txt
            serial = serial.txt
            new_certs_dir = .
            default_md = sha256
            policy = policy_section
            [policy_section]
            commonName = supplied
            [root_extensions]
            basicConstraints = critical,CA:true
            [signer_extensions]
            basicConstraints = CA:false
            keyUsage = critical,digitalSignature
            \(usage)
            [req]
            distinguished_name = name_section
            [name_section]
            [tsa]
            default_tsa = tsa_section
            [tsa_section]
            serial = tsa-serial.txt
            crypto_device = builtin
            signer_cert = signer.pem
            certs = root.pem
            signer_key = signer.key
            signer_digest = sha256
            default_policy = 1.2.3.4.1
            other_policies = 1.2.3.4.5
            digests = sha256
            accuracy = secs:1, millisecs:500, microsecs:100
            clock_precision_digits = 6
            ess_cert_id_chain = no
            ess_cert_id_alg = sha256
            """, to: "openssl.cnf")
        try write("", to: "index.txt")
        try write("01\n", to: "serial.txt")
        try write("0a\n", to: "tsa-serial.txt")
        for name in ["root", "signer"] { try run("genpkey \(key) -out \(name).key") }
        try run(
            "req -x509 -new -config openssl.cnf -extensions root_extensions -key root.key -subj /CN=Root -days 36500 "
                + "-set_serial 1 -out today.pem")
        // Again by `ca`, which takes dates in the past.
        try run("req -new -config openssl.cnf -key root.key -subj /CN=Root -out root.csr")
        try run(
            "ca -config openssl.cnf -batch -selfsign -keyfile root.key -in root.csr -extensions root_extensions "
                + "-startdate 20000101000000Z -enddate 20991231235959Z -notext -out root.pem")
        try run("req -new -config openssl.cnf -key signer.key -subj /CN=Clock -out signer.csr")
        try run(
            "ca -config openssl.cnf -batch -cert root.pem -keyfile root.key -in signer.csr "
                + "-extensions signer_extensions -startdate \(certificate.start) -enddate \(certificate.end) -notext -out signer.pem"
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var anchors: [UInt8] { get throws { try bytes("root.pem") } }

    /// What `openssl ts` answers to the request.
    func answer(_ request: TimestampRequest, options: String = "") throws -> TimestampResponse {
        try write(request.bytes, to: "request.tsq")
        try run(
            "ts -reply -config openssl.cnf -section tsa_section -queryfile request.tsq -out response.tsr \(options)")
        return TimestampResponse(try bytes("response.tsr"))
    }

    /// A response around a token that says what `statement` holds, signed by the signer: for answers that no honest
    /// authority makes.
    func answer(_ statement: Statement) throws -> TimestampResponse {
        try write(statement.der, to: "statement.der")
        try run(
            "cms -sign -binary -nodetach -cades -md sha256 -nosmimecap -econtent_type 1.2.840.113549.1.9.16.1.4 "
                + "-signer signer.pem -inkey signer.key -in statement.der -outform DER -out token.der")
        return TimestampResponse(DER.sequence([DER.sequence([DER.integer([0])]), try bytes("token.der")]))
    }

    func run(_ arguments: String) throws { try OpenSSL.run(in: folder, arguments) }
    func bytes(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: "\(folder)/\(name)"))) }
    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
    }
    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }
}

/// As much of DER as a token's content needs.
enum DER {
    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            count < 128
            ? [UInt8(count)]
            : count < 256 ? [0x81, UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 255)]
        return [tag] + length + content
    }

    static func sequence(_ parts: [[UInt8]]) -> [UInt8] { value(0x30, parts.flatMap { $0 }) }
    static func integer(_ bytes: [UInt8]) -> [UInt8] { value(0x02, bytes) }
}

/// A TSTInfo (RFC 3161 §2.4.2).
struct Statement {
    var version: UInt8 = 1
    var imprint: [UInt8]
    var nonce: [UInt8]?
    var time = "20200615120000Z"
    var serial: [UInt8] = [7]
    /// 1.2.3.4.1
    var policy: [UInt8] = [0x2a, 0x03, 0x04, 0x01]
    /// SHA-256
    var method: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]

    /// What an honest authority says to the request.
    init(_ request: TimestampRequest) {
        imprint = request.imprint.bytes
        nonce = request.nonce
    }

    var der: [UInt8] {
        let imprint = DER.sequence([DER.sequence([DER.value(0x06, method), [0x05, 0x00]]), DER.value(0x04, imprint)])
        return DER.sequence([
            DER.integer([version]), DER.value(0x06, policy), imprint, DER.integer(serial),
            DER.value(0x18, Array(time.utf8)), nonce.map { DER.integer($0) } ?? [],
        ])
    }
}
