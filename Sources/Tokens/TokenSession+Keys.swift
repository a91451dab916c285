internal import CPKCS11
internal import Digests
internal import Signing

extension TokenSession {
    /// What an object of `kind` must have to be the one that `uri` names.
    private static func template(_ kind: CK_OBJECT_CLASS, _ uri: PKCS11URI) -> TokenTemplate {
        var template = TokenTemplate()
        template.add(CK_ATTRIBUTE_TYPE(CKA_CLASS), number: kind)
        if let label = uri.object { template.add(CK_ATTRIBUTE_TYPE(CKA_LABEL), Array(label.utf8)) }
        if let id = uri.keyID { template.add(CK_ATTRIBUTE_TYPE(CKA_ID), id) }
        return template
    }

    /// The only private key that `uri` names. Throws `keyMissing` or `ambiguous`.
    borrowing func privateKey(_ uri: PKCS11URI) throws(SigningError) -> CK_OBJECT_HANDLE {
        let found = try objects(TokenSession.template(CK_OBJECT_CLASS(CKO_PRIVATE_KEY), uri))
        guard let key = found.first else {
            var all = TokenTemplate()
            all.add(CK_ATTRIBUTE_TYPE(CKA_CLASS), number: CK_OBJECT_CLASS(CKO_PRIVATE_KEY))
            var labels: [String] = []
            for object in try objects(all).prefix(20) {
                let label = attribute(CK_ATTRIBUTE_TYPE(CKA_LABEL), of: object) ?? []
                let id = attribute(CK_ATTRIBUTE_TYPE(CKA_ID), of: object) ?? []
                labels.append(
                    label.isEmpty ? "one of the id \(Hex.encode(id))" : "“\(String(decoding: label, as: UTF8.self))”")
            }
            throw SigningError(
                .keyMissing,
                "the token “\(token)” holds no private key \(uri.keyName)"
                    + (uri.object == nil || uri.keyID == nil ? "; " : " with that id; ")
                    + (labels.isEmpty ? "it holds none" : "it holds \(labels.joined(separator: ", "))"))
        }
        guard found.count == 1 else {
            throw SigningError(
                .ambiguous,
                "the token “\(token)” holds \(found.count) private keys \(uri.keyName): "
                    + "add \(uri.keyID == nil ? "id" : "object")= to tell which one")
        }
        return key
    }

    /// The public half of the private key `key`: from the public object with its id or label, or from what the private
    /// one shows itself.
    borrowing func publicKey(of key: CK_OBJECT_HANDLE, _ uri: PKCS11URI) throws(SigningError) -> PublicKey {
        if let spki = attribute(CK_ATTRIBUTE_TYPE(CKA_PUBLIC_KEY_INFO), of: key), !spki.isEmpty {
            return try PublicKey(spki: spki)
        }
        let parameters = attribute(CK_ATTRIBUTE_TYPE(CKA_EC_PARAMS), of: key) ?? []
        guard let algorithm = TokenPoint.algorithm(parameters: parameters) else {
            throw SigningError(
                .unknownAlgorithm,
                "the key \(uri.keyName) of the token “\(token)” is neither of Ed25519 nor of P-256: make one that is")
        }
        var template = TokenTemplate()
        template.add(CK_ATTRIBUTE_TYPE(CKA_CLASS), number: CK_OBJECT_CLASS(CKO_PUBLIC_KEY))
        template.add(CK_ATTRIBUTE_TYPE(CKA_EC_PARAMS), parameters)
        if let id = attribute(CK_ATTRIBUTE_TYPE(CKA_ID), of: key), !id.isEmpty {
            template.add(CK_ATTRIBUTE_TYPE(CKA_ID), id)
        } else if let label = uri.object {
            template.add(CK_ATTRIBUTE_TYPE(CKA_LABEL), Array(label.utf8))
        }
        for object in try objects(template) + [key] {
            guard let point = attribute(CK_ATTRIBUTE_TYPE(CKA_EC_POINT), of: object), !point.isEmpty else { continue }
            return try TokenPoint.publicKey(algorithm, point: point)
        }
        throw SigningError(
            .keyMissing,
            "the token “\(token)” holds the private key \(uri.keyName) but not its public one: import that too, with "
                + "the same id")
    }

    /// Makes a pair of keys that `uri` names, for signing only. Throws `keyExists`.
    borrowing func makeKey(_ algorithm: SignatureAlgorithm, _ uri: PKCS11URI) throws(SigningError) -> CK_OBJECT_HANDLE {
        guard try objects(TokenSession.template(CK_OBJECT_CLASS(CKO_PRIVATE_KEY), uri)).isEmpty else {
            throw SigningError(
                .keyExists,
                "the token “\(token)” holds a private key \(uri.keyName) already: choose another label or id")
        }
        var (publicTemplate, privateTemplate) = (TokenTemplate(), TokenTemplate())
        let label = (CK_ATTRIBUTE_TYPE(CKA_LABEL), Array((uri.object ?? "").utf8))
        let id = (CK_ATTRIBUTE_TYPE(CKA_ID), uri.keyID ?? RandomBytes.make(count: 16))
        for (type, value) in [label, id] {
            publicTemplate.add(type, value)
            privateTemplate.add(type, value)
        }
        publicTemplate.add(CK_ATTRIBUTE_TYPE(CKA_TOKEN), true)
        publicTemplate.add(CK_ATTRIBUTE_TYPE(CKA_PRIVATE), false)
        publicTemplate.add(CK_ATTRIBUTE_TYPE(CKA_VERIFY), true)
        for flag in [CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_SIGN] {
            privateTemplate.add(CK_ATTRIBUTE_TYPE(flag), true)
        }
        privateTemplate.add(CK_ATTRIBUTE_TYPE(CKA_EXTRACTABLE), false)
        let isEdwards = algorithm == .ed25519
        let mechanism = isEdwards ? CKM_EC_EDWARDS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN
        var statuses: [CK_RV] = []
        // Modules differ in how they want Ed25519 named; one refuses what another asks for.
        for parameters in isEdwards ? TokenPoint.ed25519Parameters : [TokenPoint.p256Parameters] {
            var template = publicTemplate
            template.add(CK_ATTRIBUTE_TYPE(CKA_EC_PARAMS), parameters)
            switch generate(CK_MECHANISM_TYPE(mechanism), publicTemplate: template, privateTemplate: privateTemplate) {
            case .success(let key): return key
            case .failure(let failure): statuses.append(failure.value)
            }
        }
        let names = statuses.map(TokenResult.name).joined(separator: ", ")
        throw SigningError(
            .tokenFailed,
            "the token “\(token)” did not make a key of \(algorithm) (\(names)): it may not offer that algorithm; try "
                + "the other, or make the key with the token's own tool")
    }
}
