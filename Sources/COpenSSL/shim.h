// OpenSSL's libcrypto: message authentication and comparison.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
