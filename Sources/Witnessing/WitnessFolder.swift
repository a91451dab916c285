internal import Files
internal import Signing
public import Transparency

/// Where a witness keeps what it is and what it has seen.
///
/// | file | what |
/// |---|---|
/// | `witness.key` | its private key, PKCS#8, mode 0600; the public key beside it as `witness.key.pub` |
/// | `witness.name` | its name, one line |
/// | `logs` | the logs that it knows: ``LogList`` |
/// | `state/<SHA-256 of the origin>` | what it last cosigned of a log: ``WitnessStore`` |
/// | `state/known` | of which logs there must be such a file |
/// | `lock` | held by the process that serves |
public struct WitnessFolder: Hashable, Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    var keyPath: String { "\(path)/witness.key" }
    var namePath: String { "\(path)/witness.name" }
    var logsPath: String { "\(path)/logs" }
    var statePath: String { "\(path)/state" }
    var lockPath: String { "\(path)/lock" }

    // MARK: - Making

    /// Makes a new witness with a new key; the folder may be there if it is no witness's. The name is written last: a
    /// crash before leaves a folder that is no witness yet, and whose key is used when it is made again.
    ///
    /// Throws `alreadyExists` or `inputOutput`.
    public func make(name: KeyName) throws(WitnessError) -> NoteKey {
        guard !Folder.isFile(namePath) else {
            throw WitnessError(.alreadyExists, "\(path) is a witness's already; choose another folder")
        }
        do throws(FileError) {
            try Folder.make(path, mode: 0o700)
            try Folder.make(statePath, mode: 0o700)
            if !Folder.isFile(logsPath) { try DurableFile.create(logsPath, with: LogList.emptyText.span) }
        } catch { throw WitnessError(error) }
        let signer: PrivateKey
        do throws(SigningError) {
            if Folder.isFile(keyPath) {
                signer = try PrivateKey(file: keyPath)
                if !Folder.isFile(keyPath + ".pub") { try signer.writePublicKey(beside: keyPath) }
            } else {
                signer = try PrivateKey.generate(.ed25519)
                try signer.write(file: keyPath)
            }
        } catch { throw WitnessError(.inputOutput, error.reason) }
        let key: NoteKey
        do throws(TransparencyError) { key = try NoteKey.cosigner(name: name, publicKey: signer.publicKey) } catch {
            throw WitnessError(.invalid, error.reason)
        }
        let line = name.bytes + [0x0A]
        do throws(FileError) { try DurableFile.create(namePath, with: line.span) } catch { throw WitnessError(error) }
        return key
    }

    // MARK: - Reading

    /// The witness's name. Throws `notFound` when the folder is no witness's.
    public func name() throws(WitnessError) -> KeyName {
        var bytes: [UInt8]
        do throws(FileError) { bytes = try DurableFile.read(namePath, atMost: 4096) } catch {
            guard error.code == .notFound else { throw WitnessError(error) }
            throw WitnessError(.notFound, "\(path) is no witness's folder; make one with mohur witness init")
        }
        if bytes.last == 0x0A { bytes.removeLast() }
        do throws(TransparencyError) { return try KeyName(String(decoding: bytes, as: UTF8.self)) } catch {
            throw WitnessError(.invalid, "\(namePath): \(error.reason)")
        }
    }

    /// The witness's key for verifying, from its private key's public half beside it.
    public func verifyingKey() throws(WitnessError) -> NoteKey {
        let name = try name()
        let publicKey: PublicKey
        do throws(SigningError) { publicKey = try PublicKey(file: keyPath + ".pub") } catch {
            throw WitnessError(.inputOutput, error.reason)
        }
        do throws(TransparencyError) { return try NoteKey.cosigner(name: name, publicKey: publicKey) } catch {
            throw WitnessError(.invalid, "\(keyPath).pub: \(error.reason)")
        }
    }

    func cosigner() throws(WitnessError) -> Cosigner {
        let name = try name()
        let signer: PrivateKey
        do throws(SigningError) { signer = try PrivateKey(file: keyPath) } catch {
            throw WitnessError(.inputOutput, error.reason)
        }
        do throws(TransparencyError) { return try Cosigner(name: name, signer: signer) } catch {
            throw WitnessError(.invalid, "\(keyPath): \(error.reason)")
        }
    }

    /// The bytes of the list of logs.
    func logsBytes() throws(WitnessError) -> [UInt8] {
        do throws(FileError) { return try DurableFile.read(logsPath, atMost: LogList.maximumByteCount) } catch {
            throw WitnessError(error)
        }
    }

    /// The logs that the witness knows.
    public func logs() throws(WitnessError) -> LogList { try LogList(logsBytes()) }

    // MARK: - Adding logs

    /// Adds keys of logs to the list; those that are there already are passed over. Returns how many were added. A
    /// witness that is being served takes them up by itself.
    ///
    /// Throws `invalid` for a key that is not of the type Ed25519 (1), and for the witness's own.
    @discardableResult
    public func add(_ vkeys: [String]) throws(WitnessError) -> Int {
        let own = try verifyingKey()
        var known = Set(try logs().logs.flatMap(\.keys))
        var bytes = try logsBytes()
        if let last = bytes.last, last != 0x0A { bytes.append(0x0A) }
        var count = 0
        for vkey in vkeys {
            let key = try LogList.key(vkey)
            try LogList.check([key], against: own)
            guard known.insert(key).inserted else { continue }
            bytes += Array("log \(key.vkey)\n".utf8)
            count += 1
        }
        guard count > 0 else { return 0 }
        _ = try LogList(bytes)
        do throws(FileError) { try DurableFile.replace(logsPath, with: bytes.span) } catch { throw WitnessError(error) }
        return count
    }
}

extension LogList {
    fileprivate static let emptyText = Array("# The logs that this witness knows: log <vkey>, a line each.\n".utf8)
}
