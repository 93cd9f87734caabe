import COpenSSL
import Telemetry

/// Reads how long certificates are valid.
package enum CertificateEnd {
  /// The earliest end among the certificates of a PEM file; nil if the file cannot be read or has none.
  package static func read(_ path: String) -> Timestamp? {
    guard let file = BIO_new_file(path, "r") else {
      ERR_clear_error()
      return nil
    }
    defer {
      BIO_free(file)
      // The end of the file is an error for OpenSSL.
      ERR_clear_error()
    }
    var earliest: Timestamp?
    // A bundle of authorities has some hundred certificates.
    for _ in 0..<10_000 {
      guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else { break }
      defer { X509_free(certificate) }
      guard let end = end(of: certificate) else { return nil }
      earliest = earliest.map { min($0, end) } ?? end
    }
    return earliest
  }

  private static func end(of certificate: OpaquePointer) -> Timestamp? {
    guard let epoch = ASN1_TIME_set(nil, 0) else { return nil }
    defer { ASN1_STRING_free(epoch) }
    var (days, seconds): (Int32, Int32) = (0, 0)
    guard ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1 else { return nil }
    return Timestamp(milliseconds: (Int64(days) * 86_400 + Int64(seconds)) * 1000)
  }
}
