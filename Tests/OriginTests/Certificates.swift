import Foundation

@testable import Origin

/// Certificates that are good for a hundred years, each signed by itself, and their keys:
/// `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500`.
enum Certificates {
  static let first = """
    -----BEGIN CERTIFICATE-----
    MIIBmDCCAT6gAwIBAgIUej0dHTtf6HwAmB0vi7dCQW8ubhwwCgYIKoZIzj0EAwIw
    FTETMBEGA1UEAwwKZmlyc3QudGVzdDAgFw0yNjExMjkwODA2NTBaGA8yMTI2MTEw
    NTA4MDY1MFowFTETMBEGA1UEAwwKZmlyc3QudGVzdDBZMBMGByqGSM49AgEGCCqG
    SM49AwEHA0IABHHK/wgL4cO1J/dGsEu7LWZofMNpdkgmvn28PxQ0TjtaOQ7XbPjo
    k7egZZP1Q3IEx2oEjGC/PevLDsFXvmG0V/+jajBoMB0GA1UdDgQWBBSndVaOtQkr
    1rv6oC9KmysX5jRUNjAfBgNVHSMEGDAWgBSndVaOtQkr1rv6oC9KmysX5jRUNjAP
    BgNVHRMBAf8EBTADAQH/MBUGA1UdEQQOMAyCCmZpcnN0LnRlc3QwCgYIKoZIzj0E
    AwIDSAAwRQIgPwsfmLxADs+cXVQlIprdskASHvHgOg6zZObjCL/3CsYCIQCLMfVi
    6QybfhM5bQCj2zSoflq6WEmmlu/52h1A2++9KA==
    -----END CERTIFICATE-----
    """

  static let firstKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZ/0lNDUkIHBCQvb5
    JUdaWQJ+zwTC0N2O9dCpH7hmHJmhRANCAARxyv8IC+HDtSf3RrBLuy1maHzDaXZI
    Jr59vD8UNE47WjkO12z46JO3oGWT9UNyBMdqBIxgvz3ryw7BV75htFf/
    -----END PRIVATE KEY-----
    """

  static let second = """
    -----BEGIN CERTIFICATE-----
    MIIBnDCCAUGgAwIBAgIUFRIoc3UfpivGUd3YQI7ONInZajowCgYIKoZIzj0EAwIw
    FjEUMBIGA1UEAwwLc2Vjb25kLnRlc3QwIBcNMjYxMTI5MDgwNjUwWhgPMjEyNjEx
    MDUwODA2NTBaMBYxFDASBgNVBAMMC3NlY29uZC50ZXN0MFkwEwYHKoZIzj0CAQYI
    KoZIzj0DAQcDQgAEVgb9TS6sx93yBA2t8+gzBI4ihGos4Fck1RDMLZZt6HL+KDBn
    h/w1E8wwOQbVdbjvoWYPntnTjw+6aPfatvJBg6NrMGkwHQYDVR0OBBYEFKWTEozn
    hCBMAG/s4va6RFZoT89YMB8GA1UdIwQYMBaAFKWTEoznhCBMAG/s4va6RFZoT89Y
    MA8GA1UdEwEB/wQFMAMBAf8wFgYDVR0RBA8wDYILc2Vjb25kLnRlc3QwCgYIKoZI
    zj0EAwIDSQAwRgIhANe1k067cmg6D+92WvxiePOKJpwtLAH92WmH7DuaGHmEAiEA
    wcrzjW1dUg6H5szDh94bEyF+nf6JKytbC3jYgh3MQ6s=
    -----END CERTIFICATE-----
    """

  static let secondKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwEIF+PSsr0Ha4xOo
    zFqb3DMFWgxYjwGj77o4Dub997ChRANCAARWBv1NLqzH3fIEDa3z6DMEjiKEaizg
    VyTVEMwtlm3ocv4oMGeH/DUTzDA5BtV1uO+hZg+e2dOPD7po99q28kGD
    -----END PRIVATE KEY-----
    """

  /// Of the same name as the second, and expired in 2016.
  static let expired = """
    -----BEGIN CERTIFICATE-----
    MIIBEzCBugIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtzZWNvbmQudGVzdDAe
    Fw0xNTAxMDEwMDAwMDBaFw0xNjAxMDEwMDAwMDBaMBYxFDASBgNVBAMMC3NlY29u
    ZC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjZDEpXbLmrsMFyZXAjoZ
    L9ajhWo1s3Y8FCESVp5aWTALfa8o9xBMqFvEZ/SElTh9jcWbtLHVhy8sRO4CBgnn
    WzAKBggqhkjOPQQDAgNIADBFAiEAwUkF9O9SA05dukv+LWX9kkh4X1mAnQCK7xDM
    ftenO9ACIBgDdvk7evT1fTC2H6wX+KCtIYJv5ChPi/hGxmZyGkHg
    -----END CERTIFICATE-----
    """

  static let expiredKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrlQTSeXxIyB4MvJL
    nK5uFdvvm2gPrfYiPFGIeuhT3vWhRANCAASNkMSldsuauwwXJlcCOhkv1qOFajWz
    djwUIRJWnlpZMAt9ryj3EEyoW8Rn9ISVOH2NxZu0sdWHLyxE7gIGCedb
    -----END PRIVATE KEY-----
    """

  /// Names of the files that it writes into `folder`.
  static func write(
    _ certificate: String, _ key: String, into folder: MediaFolder
  ) throws -> (certificate: String, key: String) {
    let paths = ("\(folder.path)/chain.pem", "\(folder.path)/key.pem")
    try Data((certificate + "\n").utf8).write(to: URL(fileURLWithPath: paths.0))
    try Data((key + "\n").utf8).write(to: URL(fileURLWithPath: paths.1))
    return paths
  }
}
