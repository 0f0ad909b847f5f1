#ifndef IDENTITY_TESTS_SUPPORT_SAMPLE_KEYS_H_
#define IDENTITY_TESTS_SUPPORT_SAMPLE_KEYS_H_

#include <string>

#include "server/base/encoding/base64url.h"
#include "server/base/secret.h"
#include "server/domain/signing_key.h"

// Private keys that everybody may know. Making an RSA key takes a second, so tests that need any key take these.
namespace identity {

// PKCS #8 in base64: the key of RFC 7515 appendix A.3, and another.
inline constexpr const char* kSampleEs256[] = {
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIffH1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGD"
    "y+5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgC3bknqyDI8jdsyAzJ/DiXogenq1YRkBItOBKTjEXKf6hRANCAAReQn50vuFLhWtG"
    "lz0V0eBV8WYLj4dUYPTbbIxmZ97/xHQYPHsW/ENLsv1eYP7nrzqMvWkkoM5+1IaCUIof9MQp"};
inline constexpr const char* kSampleRs256[] = {
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCaWV/tJr8e4YIxY2ZSBTBrHiIdvG+mo65axN9QGvhyFWvWCVebIhOSPcu31LgN"
    "YImfwXFGmg7pXQkSniaqh4siB3s0EABpxobrntNwt9lt8anZNBysF9kX1rKEXvaskh478DBhk4zV97Wny4e3sqxTRSJCoCvKyHDd6cIRv20aYNcv"
    "HJYtZ8pxC3kp64KCnb4ioX4+EbbKZxH9r2Uhl6nBUNoqZOr0BOxCY+EZSf5cDomY+OUiGkhq8wP8AxZAwO5OIvj/F0Qz07v3SWUGTz3drRUF8i5v"
    "TOLcCDWb0+xdhdHlL7Bs3E1OTK5hme7wY7TIAVxC4Zoo6DsWI5ds9LuVAgMBAAECggEAGMUHgyog6S6E43KhcL+y77nH/VAodcxWNmxaLwOJA9vi"
    "sJhStgtfqyweFXv+Zm0r4NadHFisVHBw/IsjRuIWJqmfMLFxs4ffzo+wPGpQqxdpa7k0cbypAu2aO+p2eSbA0dsflIUmiI7mWM1tlAIJLBrP3vPP"
    "20zT6hTxp0H6Ww1YEBfqzp8zN5faXgvSBYQxXn755kHLoxCa2xfap6JzCAAyFDrVjYR6bnzDZuw//7okem7QnFogd3mxYgdPXN0W1/Wa30YvmmDD"
    "04PB3RWtlZaqk57vXlgUpSzVLETfx8tR2xEyHz7bR28xOPU7D8oVnpWJCTPIoJOIp3lE/IiBcQKBgQDRYFWgNsyy3ya9dT35PRgiIMOuc5RQBrAt"
    "9oaNqeTibNFYRY6FRjmifNALUwxAMrRwdsXD38buXO5/Sh0fpi002Lo4+e2vpj1CqvCBxsP2bb5V3nTXS52sl9AZyiWdBbcgfM5MhrHFmSwxLhkK"
    "xW88F6vNJ39fN+n6UP4HWMvkMQKBgQC8uCvHA8Sdlxas/n5NCamKGZQMhzZ35dpSKPCPL/aHFVPnmrvJHxUPj6tvsi43Fobf3RIBw47jWoLmayJp"
    "H7LuPBfywXmRU4s8SXFJUFBgOmUHEAlsQrO+6RGiqNE+fSZrlqOhKq4td+82irM1rEsPgFYOGaRCXmhw4TzxelMopQKBgFp/oCMS7KF38L+9OF9N"
    "d+vwa4Qw8u8wJOCJCRmcUJFJ5aaY0gRrGShReH8ck1QAVpuxysNiKxMGWhPsze/LHQkVkFBmPsVIPnxddH0zk6olPzrQX4JbbbiXGdy70kwvlzrU"
    "lzrekWJOVZqgSTStp+m6dYjERLq8aUbH0TUNvXtRAoGBAJwP4YPuhcWckE/3FRM4Dk/53wiNOGnmVqji2ixPCZuj84Lv3qLvZUc9FBSGUNmVc2vl"
    "MWLsCVnSG7XYmtg8Mof4ggVqIdIgOGBei6SJGi65m5o/lMtGTcZujvroiEEY1ZDbPe2lkexf5h5AjPqxxFDJXGDEq6WG1O+kE/XNpr9RAoGBAM+o"
    "3dA9fgey7EgFxOfbdxbhNvf4F9WX1ADXvU/gXyGzZFKlHNoMYt0YJASvsEuIcQX7lGgxClkeHs/3wzk/crl3+j5ZhygIwSVvQjDytWf24RNty3Eu"
    "2BydnnqtOITsufrz++PPSFk8eoHGZ8fUp+biqSjCnpbpwas0NQ5LhQXN",
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCRtswU2GH2efOHXNQPdAkBkcExBXG1gi5wEVcanHHY8AcD40oujnq0gUl4gaDB"
    "93vEZMbQDmOC/XUphqjDnA7u3fgb7Fm6K4cU/AfyQOj1RrydSZxR3BD5RPcrxyVFjYeD9KdZvUoU8DCtZik2eSOGs5Ru0AMKz2wEOaSUHsZmQgfN"
    "rnY08xTAulpSVO1uk4V2gLxjYbaSQdkxQcSNibwpNbAzNnKt/2QTe4MaKSyEr8VzPHtc399y/O9XeFUY6bP4T1DpdQkA+6q6TupgiqX9l5U0oQry"
    "wm6HcnahuH0ePsK49wbKck1ERTo4bFyTCpLQzat34TC7ZIjrJMfQXPozAgMBAAECggEABT7/DvsRX9XZKjTx35KOZnOQcIrhIqdKs7c0Gx2pzaUq"
    "o32x5IY1rbz/36pPFtyppJL6Q3BZLdShPLr/5Xb/ZKMyNRMn0deSV/OQ96xVlssSrFkDm0DgjZDpkzZqxZvIVrxesBDsE1/oaL3GWxM2b7mUbP7p"
    "NSDtoyNOJRUMkI7fH72RQaSa1NYOGwhy2MN0MBYnt7Pva/p+KsHxfhcps3N8jVxk+KGqOm1T+jiQDbDJ1QuTxfJq2oDBqGZeZrrM1ECc3AscqdvU"
    "pDgicbaWMuKiU9/67Dgb1Vm/vy9B+x71MghDsyAkq16kvwjEkdsXz7hgrXdccOW5wjw/M8kwiQKBgQDCQOXt1URgyqAxaxpJsDRhiWsriITVXs69"
    "OU/1GnS9ntygMGVpq56C3yzmx8Gm2ogzfAzHJA/eXUwtLlRqBKBH/fsDQyzQeeHX3A4Q3yoeexx56c+6AVDhp+rASorVHk/LFK4TXmCOquxTJ4k1"
    "Rv0ccBsXxLozGDrdRqdyggzSGQKBgQDACBHugFryFSUR8ko42bwS4zpeJdFrb6zQbVOzx2wILzCJ0OnYWGb4hXUHdTpNmSM6UU2rRKwc+iylLMWn"
    "zNG+GtSkz3XEcENFDnNWZxAkZnPQbY7GXsBeOT+oyRmsu4hLWUNkby20c/17F3MsOGWZOcfaguvC254gLFPyu3kwKwKBgQCTsQwge9n1TZnmeOwP"
    "wqzQy85z1uRH5kGBlSW50VeZJEPSd3ljklx+XHijLpWJ6vVLT7HXZw+5nW3hnCwKP2It2mkS3ewgxcp0eJcpNMOtUSUhfCe34HBCYY0WjpZn2xgH"
    "670+dK8tSb9Mqe6kV0jyajnvJF/9oRqASsvdQAvHYQKBgB013Qxrh+oFH2NweKvXKw2wdON3Wzi9fwshZjcVobBJBVghaEDZiahKHLgqs9iz77Di"
    "Ry9DPe8Wew4RFmvk8w645BnB2QctkH4DqbW97a2ry/grgilYpmhuyukw1e/5gsz7Yg33/3rQngFIWuOiHIpHSMhLW/ODFrWMKKTmsZOLAoGBALxH"
    "EBFvdgLZnyacVteZO/uBUflUPjWnxs8hdHjaA7o78wtQpkZHDM8PZjJ+aWuhmBT79oOf2cEWugJ/eQzDh+sghem32oC9EtO3FmRmAuhR0+ZpwhXS"
    "8LuNhCvk4IRvMiCO0NtAc/z+LpsnLlQrQWE7BEs8iQxBhoS8WMyjgBDz"};

// What SigningKey::FromPrivate reads. `number`: 0 or 1, for two keys of each algorithm.
inline Secret SamplePrivateKey(SigningAlgorithm algorithm, size_t number = 0) {
  if (algorithm == SigningAlgorithm::kEdDsa) return Secret(std::string(kSigningSeedBytes, number == 0 ? 'a' : 'b'));
  const char* text = algorithm == SigningAlgorithm::kEs256 ? kSampleEs256[number] : kSampleRs256[number];
  std::string der;
  Base64Decode(text, Base64Padding::kRequired, &der);
  return Secret(std::move(der));
}

inline SigningKey SampleKey(SigningAlgorithm algorithm, size_t number = 0) {
  return *SigningKey::FromPrivate(algorithm, SamplePrivateKey(algorithm, number));
}

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_SAMPLE_KEYS_H_
