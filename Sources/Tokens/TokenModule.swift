internal import CPKCS11
internal import Glibc
internal import Signing
internal import Synchronization

/// A PKCS#11 module: a library of the token's maker, loaded into this process and started once.
///
/// It is never unloaded or finalized, since other signers, or other code of the process, may use it still.
///
/// Calls are made one at a time in the whole process. Modules are to lock for themselves, but not all do it well:
/// SoftHSM 2.6 loses sight of keys while another session makes one.
///
/// `@unchecked Sendable` is sound: the list of functions is the library's own constant table, which stays for ever, and
/// it is used under `lock` only.
@safe final class TokenModule: @unchecked Sendable {
    let path: String
    private let functions: UnsafeMutablePointer<CK_FUNCTION_LIST>

    private static let lock = Mutex(())

    /// Loads and starts the module at `path`. Throws `moduleUnusable`.
    init(path: String) throws(SigningError) {
        // dlopen runs the library's own code: whoever chooses the path can run code as this user.
        guard let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let text = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason was given"
            throw SigningError(
                .moduleUnusable, "the PKCS#11 module \(path) was not loaded (\(text)): check module-path and install it"
            )
        }
        typealias Entry = @convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<CK_FUNCTION_LIST>?>?) -> CK_RV
        // The standard fixes the type of the function of this name.
        guard let symbol = unsafe dlsym(library, "C_GetFunctionList") else {
            throw SigningError(.moduleUnusable, "\(path) is no PKCS#11 module: it has no C_GetFunctionList")
        }
        let entry = unsafe unsafeBitCast(symbol, to: Entry.self)
        var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        guard unsafe entry(&list) == CKR_OK, let list = unsafe list else {
            throw SigningError(.moduleUnusable, "the PKCS#11 module \(path) gave no list of its functions")
        }
        self.path = path
        unsafe functions = unsafe list
        let status = TokenModule.lock.withLock { _ in
            var arguments = unsafe CK_C_INITIALIZE_ARGS()
            unsafe arguments.flags = CK_FLAGS(CKF_OS_LOCKING_OK)
            return unsafe list.pointee.C_Initialize?(&arguments) ?? CK_RV(CKR_FUNCTION_NOT_SUPPORTED)
        }
        guard status == CKR_OK || status == CKR_CRYPTOKI_ALREADY_INITIALIZED else {
            throw SigningError(
                .moduleUnusable,
                "the PKCS#11 module \(path) did not start (\(TokenResult.name(status))): check its own configuration")
        }
    }

    /// Calls one function of the module, alone; one that it lacks counts as not supported. Must not call itself.
    func call(_ body: (UnsafeMutablePointer<CK_FUNCTION_LIST>) -> CK_RV?) -> CK_RV {
        TokenModule.lock.withLock { _ in unsafe body(functions) ?? CK_RV(CKR_FUNCTION_NOT_SUPPORTED) }
    }
}

// MARK: - Tokens

extension TokenModule {
    struct Slot {
        let id: CK_SLOT_ID
        let label: String
        let serial: String
        let flags: CK_FLAGS
    }

    /// The only token with the label, and the serial number if one is given. Throws `tokenMissing` or `ambiguous`.
    func slot(_ label: String, serial: String?) throws(SigningError) -> Slot {
        let slots = try slots()
        let found = slots.filter { $0.label == label && (serial == nil || $0.serial == serial) }
        guard let slot = found.first else {
            let names = slots.map { "“\($0.label)” (serial \($0.serial))" }.joined(separator: ", ")
            throw SigningError(
                .tokenMissing,
                "the module \(path) shows no token “\(label)”\(serial.map { " with serial \($0)" } ?? ""); "
                    + (names.isEmpty ? "it shows none: is it plugged in and initialized?" : "it shows \(names)"))
        }
        guard found.count == 1 else {
            let serials = found.map(\.serial).joined(separator: ", ")
            throw SigningError(
                .ambiguous, "\(found.count) tokens have the label “\(label)”: add serial= with one of \(serials)")
        }
        return slot
    }

    private func slots() throws(SigningError) -> [Slot] {
        var ids = [CK_SLOT_ID](repeating: 0, count: 1_024)
        var count = CK_ULONG(ids.count)
        // The calls fill the array and the struct of ours, whose sizes they are told or know.
        let status = unsafe call { unsafe $0.pointee.C_GetSlotList?(1, &ids, &count) }
        guard status == CKR_OK, count <= ids.count else {
            throw SigningError(
                .tokenFailed, "the module \(path) did not list its tokens (\(TokenResult.name(status)))")
        }
        return ids.prefix(Int(count)).compactMap { id in
            var info = CK_TOKEN_INFO()
            guard unsafe call({ unsafe $0.pointee.C_GetTokenInfo?(id, &info) }) == CKR_OK,
                info.flags & CK_FLAGS(CKF_TOKEN_INITIALIZED) != 0
            else { return nil }
            return Slot(
                id: id, label: TokenModule.text(of: info.label), serial: TokenModule.text(of: info.serialNumber),
                flags: info.flags)
        }
    }

    /// A text of fixed length, filled up with blanks.
    private static func text<Field>(of field: Field) -> String {
        // The tuple's own bytes are copied.
        var bytes = unsafe withUnsafeBytes(of: field) { unsafe Array($0) }
        while bytes.last == 0x20 || bytes.last == 0 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
