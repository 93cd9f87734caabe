import Configuration
import HummingbirdCore
import HummingbirdTLS
import NIOCore

extension HTTPServerBuilder {
  /// HTTP/1.1 with its bounds, over TLS if there is a certificate.
  ///
  /// - Parameter addresses: counts the connections.
  /// - Throws: ``WebServerError`` if the certificate cannot be used.
  static func bounded(
    _ tls: Settings.WebTLS?, _ addresses: AddressCounts, _ patience: WebPatience
  ) throws -> HTTPServerBuilder {
    let base = HTTPServerBuilder.http1(
      configuration: HTTP1Channel.Configuration(
        additionalChannelHandlers: [ConnectionGate(addresses, patience)],
        idleTimeout: TimeAmount(patience.request),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: WebLimits.field, maxHeaderListSize: WebLimits.head,
          maxHeaderFieldCount: WebLimits.fields)))
    guard let tls else { return base }
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(tls.certificateFile)
      let key = try NIOSSLPrivateKey(file: tls.keyFile, format: .pem)
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
      configuration.minimumTLSVersion = .tlsv12
      return try .tls(base, tlsConfiguration: configuration)
    } catch {
      throw WebServerError.certificate(tls.certificateFile, tls.keyFile, "\(error)")
    }
  }
}
