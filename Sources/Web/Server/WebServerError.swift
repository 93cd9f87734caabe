import Configuration
import Glibc

/// Why a server cannot begin.
public enum WebServerError: Error, Equatable, CustomStringConvertible {
  /// The address is taken, or is none of this machine; with the system's error number.
  case cannotListen(ListenAddress, Int32)
  /// The certificate or its key cannot be used; with the library's words.
  case certificate(String, String, String)

  public var description: String {
    switch self {
    case .cannotListen(let address, let code):
      "cannot listen on \(address) (\(String(cString: strerror(code)))): stop what uses the port, or name another address with --listen"
    case .certificate(let certificate, let key, let reason):
      "the certificate \(certificate) with the key \(key) cannot be used (\(reason)): check that both are PEM, belong together and can be read"
    }
  }
}
