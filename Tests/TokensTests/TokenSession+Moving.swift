import CPKCS11

@testable import Tokens

extension TokenSession {
    /// Gives the public key of one id another one, in place of the key that had it.
    borrowing func movePublicKey(from old: [UInt8], to new: [UInt8]) throws {
        func template(_ id: [UInt8]) -> TokenTemplate {
            var template = TokenTemplate()
            template.add(CK_ATTRIBUTE_TYPE(CKA_CLASS), number: CK_OBJECT_CLASS(CKO_PUBLIC_KEY))
            template.add(CK_ATTRIBUTE_TYPE(CKA_ID), id)
            return template
        }
        var change = TokenTemplate()
        change.add(CK_ATTRIBUTE_TYPE(CKA_ID), new)
        let (going, moving, session) = (try objects(template(new)), try objects(template(old)), handle)
        for object in going { _ = module.call { $0.pointee.C_DestroyObject?(session, object) } }
        for object in moving {
            _ = module.call { functions in
                change.withAttributes { list, count in
                    functions.pointee.C_SetAttributeValue?(session, object, list, count)
                }
            }
        }
    }
}
