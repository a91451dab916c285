#include "pkcs8.h"
#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

/// The parameters of `algorithm` read as `item`, or NULL when they are something else.
static void *parameters(const X509_ALGOR *algorithm, const ASN1_ITEM *item) {
    int type = 0;
    const void *value = NULL;
    X509_ALGOR_get0(NULL, &type, &value, algorithm);
    if (type != V_ASN1_SEQUENCE || value == NULL) return NULL;
    return ASN1_item_unpack(value, item);
}

static int identifier(const X509_ALGOR *algorithm) {
    const ASN1_OBJECT *object = NULL;
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    return OBJ_obj2nid(object);
}

static int pbkdf2_is_bounded(const X509_ALGOR *function, long iterations) {
    PBKDF2PARAM *numbers = parameters(function, ASN1_ITEM_rptr(PBKDF2PARAM));
    if (numbers == NULL) return -1;
    long count = ASN1_INTEGER_get(numbers->iter);
    PBKDF2PARAM_free(numbers);
    return count > 0 && count <= iterations;
}

static int scrypt_is_bounded(const X509_ALGOR *function) {
    SCRYPT_PARAMS *numbers = parameters(function, ASN1_ITEM_rptr(SCRYPT_PARAMS));
    if (numbers == NULL) return -1;
    long blocks = ASN1_INTEGER_get(numbers->parallelizationParameter);
    SCRYPT_PARAMS_free(numbers);
    return blocks > 0 && blocks <= 16;
}

int CShims_pbes2_is_bounded(const struct X509_sig_st *key, long iterations) {
    const X509_ALGOR *algorithm = NULL;
    X509_SIG_get0(key, &algorithm, NULL);
    if (identifier(algorithm) != NID_pbes2) return -1;
    PBE2PARAM *scheme = parameters(algorithm, ASN1_ITEM_rptr(PBE2PARAM));
    if (scheme == NULL) return -1;
    int answer = -1;
    if (identifier(scheme->keyfunc) == NID_id_pbkdf2) answer = pbkdf2_is_bounded(scheme->keyfunc, iterations);
    if (identifier(scheme->keyfunc) == NID_id_scrypt) answer = scrypt_is_bounded(scheme->keyfunc);
    PBE2PARAM_free(scheme);
    return answer;
}
