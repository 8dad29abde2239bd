// A certificate of the test's own, for servers that speak TLS.
#pragma once

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <string>

namespace squall::drivers {

/// A self-signed certificate for `names` ("DNS:localhost"), its file, and a server context that uses it.
class TestCertificate {
public:
    explicit TestCertificate(const std::string& names) : key_(EVP_EC_gen("P-256")), certificate_(X509_new())
    {
        X509_set_version(certificate_, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
        X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
        X509_set_pubkey(certificate_, key_);
        auto* name = X509_get_subject_name(certificate_);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("squall test"), -1,
                                   -1, 0);
        X509_set_issuer_name(certificate_, name);
        auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
        X509_add_ext(certificate_, extension, -1);
        X509_EXTENSION_free(extension);
        X509_sign(certificate_, key_, EVP_sha256());
        std::string pattern = (std::filesystem::temp_directory_path() / "squall-cert-XXXXXX").string();
        std::FILE* out = fdopen(mkstemp(pattern.data()), "w");
        PEM_write_X509(out, certificate_);
        std::fclose(out);
        file = pattern;
        key_file = pattern + ".key";
        std::FILE* key_out = std::fopen(key_file.c_str(), "w");
        PEM_write_PrivateKey(key_out, key_, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(key_out);
        server = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate(server, certificate_);
        SSL_CTX_use_PrivateKey(server, key_);
    }
    ~TestCertificate()
    {
        SSL_CTX_free(server);
        X509_free(certificate_);
        EVP_PKEY_free(key_);
        std::filesystem::remove(file);
        std::filesystem::remove(key_file);
    }
    TestCertificate(const TestCertificate&) = delete;
    TestCertificate& operator=(const TestCertificate&) = delete;

    std::string file;
    std::string key_file;
    SSL_CTX* server = nullptr;

private:
    EVP_PKEY* key_;
    X509* certificate_;
};

} // namespace squall::drivers
