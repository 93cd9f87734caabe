import Foundation
import Journal
import Storage
import Telemetry

extension StoreDirectory {
  /// Holds the request that waits for the collector.
  var rereading: String { path + "/rereading" }

  /// The request that waits for the collector; nil if there is none, or it cannot be read.
  public var rereadingRequest: RereadingRequest? {
    // Most of the time there is none, which one system call tells.
    guard access(rereading, F_OK) == 0 else { return nil }
    var status = stat()
    guard lstat(rereading, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < 16_384,
      let text = try? String(contentsOfFile: rereading, encoding: .utf8), let word = CheckedLine.value(text)
    else { return nil }
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let bytes = Self.bytes(parts[0]),
      let scope = String(validating: bytes, as: UTF8.self).flatMap({ RereadingScope(text: $0) }),
      let sources = SHA256Digest(hexadecimal: String(parts[1]))
    else { return nil }
    return RereadingRequest(scope, sources: sources)
  }

  /// Leaves a request for the collector.
  public func leave(_ request: RereadingRequest) throws(StoreError) {
    // The scope has spaces and tabs, which the line cannot hold.
    let scope = request.scope.text.utf8.map { Self.digits[Int($0 >> 4)] + Self.digits[Int($0 & 15)] }.joined()
    try StoreFile.replace(rereading, with: CheckedLine.text("\(scope)/\(request.sources)"))
  }

  private static let digits = "0123456789abcdef".map(String.init)

  /// The bytes that hexadecimal digits stand for; nil if they are not complete.
  private static func bytes(_ digits: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = digits[...]
    while !rest.isEmpty {
      guard rest.utf8.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  /// Removes the request: it was answered, or is withdrawn. Returns whether there was one.
  @discardableResult public func removeRereadingRequest() -> Bool { unlink(rereading) == 0 }
}
