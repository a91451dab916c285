internal import CPKCS11
internal import Signing

/// What the functions of a PKCS#11 module return.
enum TokenResult {
    /// The standard's name for `status`, or its number.
    static func name(_ status: CK_RV) -> String {
        names[status] ?? "error 0x\(String(status, radix: 16))"
    }

    private static let names: [CK_RV: String] = [
        CK_RV(CKR_HOST_MEMORY): "CKR_HOST_MEMORY", CK_RV(CKR_GENERAL_ERROR): "CKR_GENERAL_ERROR",
        CK_RV(CKR_FUNCTION_FAILED): "CKR_FUNCTION_FAILED", CK_RV(CKR_ARGUMENTS_BAD): "CKR_ARGUMENTS_BAD",
        CK_RV(CKR_ATTRIBUTE_TYPE_INVALID): "CKR_ATTRIBUTE_TYPE_INVALID",
        CK_RV(CKR_ATTRIBUTE_VALUE_INVALID): "CKR_ATTRIBUTE_VALUE_INVALID",
        CK_RV(CKR_DEVICE_ERROR): "CKR_DEVICE_ERROR", CK_RV(CKR_DEVICE_MEMORY): "CKR_DEVICE_MEMORY",
        CK_RV(CKR_DEVICE_REMOVED): "CKR_DEVICE_REMOVED",
        CK_RV(CKR_FUNCTION_NOT_SUPPORTED): "CKR_FUNCTION_NOT_SUPPORTED",
        CK_RV(CKR_KEY_FUNCTION_NOT_PERMITTED): "CKR_KEY_FUNCTION_NOT_PERMITTED",
        CK_RV(CKR_KEY_TYPE_INCONSISTENT): "CKR_KEY_TYPE_INCONSISTENT",
        CK_RV(CKR_MECHANISM_INVALID): "CKR_MECHANISM_INVALID",
        CK_RV(CKR_MECHANISM_PARAM_INVALID): "CKR_MECHANISM_PARAM_INVALID",
        CK_RV(CKR_PIN_INCORRECT): "CKR_PIN_INCORRECT", CK_RV(CKR_PIN_INVALID): "CKR_PIN_INVALID",
        CK_RV(CKR_PIN_LEN_RANGE): "CKR_PIN_LEN_RANGE", CK_RV(CKR_PIN_EXPIRED): "CKR_PIN_EXPIRED",
        CK_RV(CKR_PIN_LOCKED): "CKR_PIN_LOCKED", CK_RV(CKR_SESSION_CLOSED): "CKR_SESSION_CLOSED",
        CK_RV(CKR_SESSION_COUNT): "CKR_SESSION_COUNT",
        CK_RV(CKR_SESSION_HANDLE_INVALID): "CKR_SESSION_HANDLE_INVALID",
        CK_RV(CKR_TEMPLATE_INCONSISTENT): "CKR_TEMPLATE_INCONSISTENT",
        CK_RV(CKR_TOKEN_NOT_PRESENT): "CKR_TOKEN_NOT_PRESENT",
        CK_RV(CKR_TOKEN_WRITE_PROTECTED): "CKR_TOKEN_WRITE_PROTECTED",
        CK_RV(CKR_USER_NOT_LOGGED_IN): "CKR_USER_NOT_LOGGED_IN",
        CK_RV(CKR_USER_PIN_NOT_INITIALIZED): "CKR_USER_PIN_NOT_INITIALIZED",
        CK_RV(CKR_CRYPTOKI_NOT_INITIALIZED): "CKR_CRYPTOKI_NOT_INITIALIZED",
        CK_RV(CKR_CURVE_NOT_SUPPORTED): "CKR_CURVE_NOT_SUPPORTED",
    ]

    /// Why logging in to `token` failed.
    static func loginError(_ status: CK_RV, token: String) -> SigningError {
        switch status {
        case CK_RV(CKR_PIN_INCORRECT), CK_RV(CKR_PIN_INVALID), CK_RV(CKR_PIN_LEN_RANGE):
            SigningError(
                .wrongPIN,
                "the token “\(token)” did not take the PIN (\(name(status))): check it before the next try, since a "
                    + "token locks itself after a few")
        case CK_RV(CKR_PIN_LOCKED), CK_RV(CKR_PIN_EXPIRED):
            SigningError(
                .lockedPIN,
                "the token “\(token)” takes no PIN any more (\(name(status))): have its security officer set a new one")
        case CK_RV(CKR_USER_PIN_NOT_INITIALIZED):
            SigningError(.wrongPIN, "the token “\(token)” has no user PIN yet: set one with its own tool")
        default: failed("log in", status, token: token)
        }
    }

    /// The token did not do `action`.
    static func failed(_ action: String, _ status: CK_RV, token: String) -> SigningError {
        let lost: Set = [
            CK_RV(CKR_DEVICE_REMOVED), CK_RV(CKR_TOKEN_NOT_PRESENT), CK_RV(CKR_SESSION_HANDLE_INVALID),
            CK_RV(CKR_SESSION_CLOSED), CK_RV(CKR_USER_NOT_LOGGED_IN),
        ]
        let remedy =
            lost.contains(status)
            ? "plug it in, log in and open the signer anew" : "see the token's own log or documentation"
        return SigningError(.tokenFailed, "the token “\(token)” did not \(action) (\(name(status))): \(remedy)")
    }
}
