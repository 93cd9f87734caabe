import Foundation

/// A certificate authority made for one test, with the openssl command.
public final class CertificateAuthority {
  private let directory: TemporaryDirectory
  private let name: String

  /// PEM file of the authority's own certificate.
  public var caFile: String { directory.file("\(name).pem") }

  /// An authority whose files lie in `directory`.
  public init(_ name: String, in directory: TemporaryDirectory) throws {
    self.name = name
    self.directory = directory
    try openssl([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=\(name)", "-keyout", directory.file("\(name).key"), "-out", caFile,
    ])
  }

  /// Issues a certificate; `alternativeName` is such as `DNS:localhost,IP:127.0.0.1`.
  public func issue(
    _ subject: String, alternativeName: String
  ) throws -> (caFile: String, certificateFile: String, keyFile: String) {
    let key = directory.file("\(name)-\(subject).key")
    let request = directory.file("\(name)-\(subject).csr")
    let certificate = directory.file("\(name)-\(subject).pem")
    let extensions = try directory.write("\(subject).ext", "subjectAltName=\(alternativeName)\n")
    try openssl([
      "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(subject)",
      "-keyout", key, "-out", request,
    ])
    try openssl([
      "x509", "-req", "-in", request, "-CA", caFile, "-CAkey", directory.file("\(name).key"),
      "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", certificate,
    ])
    return (caFile, certificate, key)
  }

  private func openssl(_ arguments: [String]) throws {
    let result = try run("openssl", arguments)
    if result.status != 0 { throw SupportError("openssl \(arguments[0]): \(result.errors)") }
  }
}
