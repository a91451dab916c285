#include "timestamps.h"
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>

/// No list of trust anchors is longer.
enum { anchor_limit = 1000 };

// MARK: - Reading

static TS_RESP *read_response(const uint8_t *bytes, size_t count) {
    if (bytes == NULL || count > LONG_MAX) return NULL;
    const uint8_t *cursor = bytes;
    TS_RESP *response = d2i_TS_RESP(NULL, &cursor, (long)count);
    if (response != NULL && cursor == bytes + count) return response;
    TS_RESP_free(response);
    return NULL;
}

static TS_REQ *read_request(const uint8_t *bytes, size_t count) {
    if (bytes == NULL || count > LONG_MAX) return NULL;
    const uint8_t *cursor = bytes;
    TS_REQ *request = d2i_TS_REQ(NULL, &cursor, (long)count);
    if (request != NULL && cursor == bytes + count) return request;
    TS_REQ_free(request);
    return NULL;
}

static void copy_text(char *output, size_t room, const void *bytes, int count) {
    if (bytes == NULL || count < 0) count = 0;
    if ((size_t)count >= room) count = (int)room - 1;
    if (count > 0) memcpy(output, bytes, (size_t)count);
    output[count] = 0;
}

/// A whole number that is at least 0, -1 when it is none or larger than `limit`.
static int64_t small_number(const ASN1_INTEGER *number, int64_t limit) {
    int64_t value = 0;
    if (number == NULL) return 0;
    if (ASN1_INTEGER_get_int64(&value, number) != 1 || value < 0 || value > limit) return -1;
    return value;
}

static int64_t accuracy_of(const TS_ACCURACY *accuracy) {
    if (accuracy == NULL) return -1;
    int64_t seconds = small_number(TS_ACCURACY_get_seconds(accuracy), 1000000000);
    int64_t milliseconds = small_number(TS_ACCURACY_get_millis(accuracy), 999);
    int64_t microseconds = small_number(TS_ACCURACY_get_micros(accuracy), 999);
    if (seconds < 0 || milliseconds < 0 || microseconds < 0) return -1;
    return seconds * 1000000 + milliseconds * 1000 + microseconds;
}

static void describe_refusal(TS_RESP *response, struct CShims_timestamp *result) {
    const STACK_OF(ASN1_UTF8STRING) *texts = TS_STATUS_INFO_get0_text(TS_RESP_get_status_info(response));
    if (texts == NULL || sk_ASN1_UTF8STRING_num(texts) < 1) return;
    const ASN1_UTF8STRING *text = sk_ASN1_UTF8STRING_value(texts, 0);
    copy_text(result->detail, sizeof result->detail, ASN1_STRING_get0_data(text), ASN1_STRING_length(text));
}

/// Fills `result` from the response's status and token.
static int describe(TS_RESP *response, struct CShims_timestamp *result) {
    int64_t status = -1;
    if (ASN1_INTEGER_get_int64(&status, TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response))) != 1 || status < 0 ||
        status > 1000)
        return CShims_timestamp_bad_response;
    result->number = (int)status;
    TS_TST_INFO *token = TS_RESP_get_tst_info(response);
    if (status > TS_STATUS_GRANTED_WITH_MODS) {
        describe_refusal(response, result);
        return CShims_timestamp_refused;
    }
    if (token == NULL) return CShims_timestamp_bad_response;
    const ASN1_GENERALIZEDTIME *time = TS_TST_INFO_get_time(token);
    copy_text(result->time, sizeof result->time, ASN1_STRING_get0_data(time), ASN1_STRING_length(time));
    result->accuracy = accuracy_of(TS_TST_INFO_get_accuracy(token));
    const ASN1_INTEGER *serial = TS_TST_INFO_get_serial(token);
    int count = ASN1_STRING_length(serial);
    // RFC 3161 wants room for 160 bits.
    if (count < 1 || count > 40 || ASN1_STRING_type(serial) != V_ASN1_INTEGER) return CShims_timestamp_bad_response;
    for (int index = 0; index < count; index++)
        snprintf(result->serial + 2 * index, 3, "%02x", ASN1_STRING_get0_data(serial)[index]);
    int length = OBJ_obj2txt(result->policy, sizeof result->policy, TS_TST_INFO_get_policy_id(token), 1);
    if (length <= 0 || length >= (int)sizeof result->policy)
        return CShims_timestamp_bad_response;
    return CShims_timestamp_right;
}

int CShims_timestamp_read(const uint8_t *bytes, size_t count, struct CShims_timestamp *result) {
    memset(result, 0, sizeof *result);
    result->accuracy = -1;
    TS_RESP *response = read_response(bytes, count);
    int answer = response == NULL ? CShims_timestamp_bad_response : describe(response, result);
    TS_RESP_free(response);
    ERR_clear_error();
    return answer;
}

// MARK: - Verifying

/// A store of the certificates in `anchors`, NULL when there is none or one cannot be read. The store checks chains as of
/// `time`, wants 112 bits of security, and lets a chain end on any anchor, self-signed or not.
static X509_STORE *make_store(const uint8_t *anchors, size_t count, time_t time) {
    if (anchors == NULL || count > INT_MAX) return NULL;
    BIO *input = BIO_new_mem_buf(anchors, (int)count);
    X509_STORE *store = X509_STORE_new();
    int number = 0, is_whole = 0;
    while (input != NULL && store != NULL && number <= anchor_limit) {
        X509 *certificate = PEM_read_bio_X509(input, NULL, NULL, NULL);
        if (certificate == NULL) {
            is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
            break;
        }
        number += X509_STORE_add_cert(store, certificate) == 1 ? 1 : anchor_limit + 1;
        X509_free(certificate);
    }
    BIO_free(input);
    ERR_clear_error();
    if (store != NULL && is_whole && number >= 1 && number <= anchor_limit) {
        X509_VERIFY_PARAM *rules = X509_STORE_get0_param(store);
        X509_VERIFY_PARAM_set_time(rules, time);
        X509_VERIFY_PARAM_set_auth_level(rules, 2);
        X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
        return store;
    }
    X509_STORE_free(store);
    return NULL;
}

/// Fills in who signed the token.
static void name_authority(TS_RESP *response, struct CShims_timestamp *result) {
    STACK_OF(X509) *signers = PKCS7_get0_signers(TS_RESP_get_token(response), NULL, 0);
    BIO *output = BIO_new(BIO_s_mem());
    if (signers != NULL && sk_X509_num(signers) > 0 && output != NULL) {
        X509_NAME *name = X509_get_subject_name(sk_X509_value(signers, 0));
        X509_NAME_print_ex(output, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
        char *text = NULL;
        long count = BIO_get_mem_data(output, &text);
        copy_text(result->authority, sizeof result->authority, text, (int)count);
    }
    BIO_free(output);
    sk_X509_free(signers);
}

/// Takes libcrypto's first complaint of the TS library, with the words that stand beside it.
static void explain(struct CShims_timestamp *result) {
    const char *data = NULL;
    int flags = 0;
    unsigned long code;
    result->number = 0;
    while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
        int is_timestamps = ERR_GET_LIB(code) == ERR_LIB_TS;
        if (result->detail[0] != 0 && !is_timestamps) continue;
        const char *reason = ERR_reason_error_string(code);
        const char *words = (flags & ERR_TXT_STRING) != 0 && data != NULL ? data : "";
        snprintf(result->detail, sizeof result->detail, "%s%s%s", reason == NULL ? "" : reason, words[0] ? ": " : "", words);
        if (!is_timestamps) continue;
        result->number = ERR_GET_REASON(code);
        return;
    }
}

int CShims_timestamp_verify(const uint8_t *requestBytes, size_t requestCount, const uint8_t *responseBytes, size_t responseCount,
                            const uint8_t *anchors, size_t anchorsCount, time_t time, struct CShims_timestamp *result) {
    int answer = CShims_timestamp_read(responseBytes, responseCount, result);
    if (answer != CShims_timestamp_right) return answer;
    X509_STORE *store = make_store(anchors, anchorsCount, time);
    if (store == NULL) return CShims_timestamp_bad_anchors;
    TS_REQ *request = read_request(requestBytes, requestCount);
    TS_RESP *response = read_response(responseBytes, responseCount);
    TS_VERIFY_CTX *rules = request == NULL ? NULL : TS_REQ_to_TS_VERIFY_CTX(request, NULL);
    if (request == NULL) {
        answer = CShims_timestamp_bad_request;
    } else if (response == NULL || rules == NULL) {
        answer = CShims_timestamp_failed;
    } else {
        // The rules own the store from here.
        TS_VERIFY_CTX_set_store(rules, store);
        store = NULL;
        TS_VERIFY_CTX_add_flags(rules, TS_VFY_SIGNATURE);
        ERR_clear_error();
        if (TS_RESP_verify_response(rules, response) == 1) {
            name_authority(response, result);
        } else {
            explain(result);
            answer = CShims_timestamp_wrong;
        }
    }
    TS_VERIFY_CTX_free(rules);
    X509_STORE_free(store);
    TS_RESP_free(response);
    TS_REQ_free(request);
    ERR_clear_error();
    return answer;
}
