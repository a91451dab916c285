internal import CPKCS11
internal import Digests
internal import Signing

/// One session with a token, logged in, used by one thread at a time. Closed with its owner; nobody is logged out,
/// since a login holds for all sessions of the process.
struct TokenSession: ~Copyable, Sendable {
    let module: TokenModule
    let token: String
    let handle: CK_SESSION_HANDLE

    /// Opens a session with the token of `slot` and logs in with `pin`; without a PIN the token must need none or ask
    /// for it on a keypad of its own.
    init(_ module: TokenModule, _ slot: TokenModule.Slot, pin: [UInt8]?, writing: Bool) throws(SigningError) {
        var handle: CK_SESSION_HANDLE = 0
        let flags = CK_FLAGS(CKF_SERIAL_SESSION) | (writing ? CK_FLAGS(CKF_RW_SESSION) : 0)
        let status = unsafe module.call { unsafe $0.pointee.C_OpenSession?(slot.id, flags, nil, nil, &handle) }
        guard status == CKR_OK else { throw TokenResult.failed("open a session", status, token: slot.label) }
        do throws(SigningError) { try TokenSession.logIn(module, slot, handle, pin) } catch {
            _ = unsafe module.call { unsafe $0.pointee.C_CloseSession?(handle) }
            throw error
        }
        self.module = module
        self.token = slot.label
        self.handle = handle
    }

    deinit {
        let handle = handle
        _ = unsafe module.call { unsafe $0.pointee.C_CloseSession?(handle) }
    }

    private static func logIn(
        _ module: TokenModule, _ slot: TokenModule.Slot, _ handle: CK_SESSION_HANDLE, _ pin: [UInt8]?
    ) throws(SigningError) {
        guard slot.flags & CK_FLAGS(CKF_LOGIN_REQUIRED) != 0 else { return }
        let hasKeypad = slot.flags & CK_FLAGS(CKF_PROTECTED_AUTHENTICATION_PATH) != 0
        guard pin != nil || hasKeypad else {
            throw SigningError(
                .wrongPIN, "the token “\(slot.label)” wants a PIN: give pin-source=file:/PATH or pin-source=env:NAME")
        }
        var pin = pin ?? []
        defer { wipe(&pin) }
        let status = unsafe module.call { functions in
            // The call reads the PIN during the call only; no address stands for the keypad.
            unsafe pin.withUnsafeMutableBufferPointer { bytes in
                unsafe functions.pointee.C_Login?(
                    handle, CK_USER_TYPE(CKU_USER), bytes.isEmpty ? nil : bytes.baseAddress, CK_ULONG(bytes.count))
            }
        }
        guard status == CKR_OK || status == CKR_USER_ALREADY_LOGGED_IN else {
            throw TokenResult.loginError(status, token: slot.label)
        }
    }
}

// MARK: - Objects

extension TokenSession {
    /// No search is asked for more objects, and no attribute is longer.
    private static let limit = 4_096

    /// The objects that have what `template` lists.
    borrowing func objects(_ template: TokenTemplate) throws(SigningError) -> [CK_OBJECT_HANDLE] {
        let handle = handle
        var status = unsafe module.call { functions in
            unsafe template.withAttributes { list, count in
                unsafe functions.pointee.C_FindObjectsInit?(handle, list, count)
            }
        }
        guard status == CKR_OK else { throw TokenResult.failed("search for a key", status, token: token) }
        var found: [CK_OBJECT_HANDLE] = []
        var part = [CK_OBJECT_HANDLE](repeating: 0, count: TokenSession.limit)
        var count: CK_ULONG = 0
        // A module may give fewer at a time than there are: a second key of one name must not stay unseen. The call
        // fills at most as many of the array's elements as it is told that there are.
        repeat {
            status = unsafe module.call {
                unsafe $0.pointee.C_FindObjects?(handle, &part, CK_ULONG(part.count), &count)
            }
            guard status == CKR_OK, count <= part.count else { break }
            found += part.prefix(Int(count))
        } while count > 0 && found.count < TokenSession.limit
        _ = unsafe module.call { unsafe $0.pointee.C_FindObjectsFinal?(handle) }
        guard status == CKR_OK, count <= part.count else {
            throw TokenResult.failed("search for a key", status, token: token)
        }
        return found
    }

    /// The value of an attribute, nil when the object has none or does not show it.
    borrowing func attribute(_ type: CK_ATTRIBUTE_TYPE, of object: CK_OBJECT_HANDLE) -> [UInt8]? {
        let handle = handle
        var value = [UInt8](repeating: 0, count: TokenSession.limit)
        var count: CK_ULONG = 0
        let status = unsafe module.call { functions in
            // The call writes at most as many bytes to the array as the attribute says that there are.
            unsafe value.withUnsafeMutableBytes { bytes in
                var attribute = unsafe CK_ATTRIBUTE(
                    type: type, pValue: bytes.baseAddress, ulValueLen: CK_ULONG(bytes.count))
                let status = unsafe functions.pointee.C_GetAttributeValue?(handle, object, &attribute, 1)
                count = unsafe attribute.ulValueLen
                return status
            }
        }
        guard status == CKR_OK, count <= value.count else { return nil }
        return Array(value.prefix(Int(count)))
    }
}

// MARK: - Signing and making keys

extension TokenSession {
    /// Signs `data` with the key by `mechanism`, which has no parameters.
    borrowing func sign(
        _ data: Span<UInt8>, _ key: CK_OBJECT_HANDLE, _ mechanism: CK_MECHANISM_TYPE
    ) throws(SigningError) -> [UInt8] {
        let handle = handle
        var status = unsafe module.call { functions in
            var mechanism = unsafe CK_MECHANISM(mechanism: mechanism, pParameter: nil, ulParameterLen: 0)
            return unsafe functions.pointee.C_SignInit?(handle, &mechanism, key)
        }
        guard status == CKR_OK else { throw TokenResult.failed("begin to sign", status, token: token) }
        var signature = [UInt8](repeating: 0, count: 1_024)
        var count = CK_ULONG(signature.count)
        var copy = Array(collecting: data)
        status = unsafe module.call {
            unsafe $0.pointee.C_Sign?(handle, &copy, CK_ULONG(copy.count), &signature, &count)
        }
        guard status == CKR_OK, count <= signature.count else {
            throw TokenResult.failed("sign", status, token: token)
        }
        return Array(signature.prefix(Int(count)))
    }

    /// Makes a pair of keys in the token and returns the private one's handle, or what the module returned instead.
    borrowing func generate(
        _ mechanism: CK_MECHANISM_TYPE, publicTemplate: TokenTemplate, privateTemplate: TokenTemplate
    ) -> Result<CK_OBJECT_HANDLE, TokenStatus> {
        let handle = handle
        var (publicKey, privateKey): (CK_OBJECT_HANDLE, CK_OBJECT_HANDLE) = (0, 0)
        let status = unsafe module.call { functions in
            var mechanism = unsafe CK_MECHANISM(mechanism: mechanism, pParameter: nil, ulParameterLen: 0)
            return unsafe publicTemplate.withAttributes { publicList, publicCount in
                unsafe privateTemplate.withAttributes { privateList, privateCount in
                    unsafe functions.pointee.C_GenerateKeyPair?(
                        handle, &mechanism, publicList, publicCount, privateList, privateCount, &publicKey, &privateKey)
                }
            }
        }
        return status == CKR_OK ? .success(privateKey) : .failure(TokenStatus(value: status))
    }
}

/// A result of the module that is not CKR_OK.
struct TokenStatus: Error {
    let value: CK_RV
}
