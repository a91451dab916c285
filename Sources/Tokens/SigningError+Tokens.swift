public import Signing

extension SigningError.Code {
    /// The text is no PKCS#11 URI, or one that asks for what is not offered here.
    public static let malformedURI = SigningError.Code("malformedURI")
    /// The PKCS#11 module is missing, is none, or does not start.
    public static let moduleUnusable = SigningError.Code("moduleUnusable")
    /// The module shows no such token.
    public static let tokenMissing = SigningError.Code("tokenMissing")
    /// More than one token or key has the name.
    public static let ambiguous = SigningError.Code("ambiguous")
    /// The token holds no such key.
    public static let keyMissing = SigningError.Code("keyMissing")
    /// The token holds a key of that name already.
    public static let keyExists = SigningError.Code("keyExists")
    /// The token wants a PIN and none was given, or another one.
    public static let wrongPIN = SigningError.Code("wrongPIN")
    /// The token takes no PIN any more.
    public static let lockedPIN = SigningError.Code("lockedPIN")
    /// The token or its module did not do what it was asked.
    public static let tokenFailed = SigningError.Code("tokenFailed")
}
