import Foundation
import Logging

/// A line of the access log: one request. It has no credentials: no header is logged, and values of a
/// query that may be secret are replaced.
package struct AccessLogLine: Sendable {
  /// Address of the client; nil if unknown.
  package var client: String?
  /// Name of the account, `(local)`, or `(none)`.
  package var viewer: String
  package var method: String
  /// Path and query, as received.
  package var target: String
  package var status: Int
  /// Bytes of the body that were sent.
  package var bytes: Int
  /// Milliseconds from the request to the end of the answer.
  package var duration: Int64
  /// Field `User-Agent`.
  package var agent: String?

  /// A request that was answered.
  package init(
    client: String?, viewer: String, method: String, target: String, status: Int, bytes: Int, duration: Int64,
    agent: String?
  ) {
    self.client = client
    self.viewer = viewer
    self.method = method
    self.target = target
    self.status = status
    self.bytes = bytes
    self.duration = duration
    self.agent = agent
  }

  /// Maximum number of bytes of a value in the line, and of one value of a query.
  static let mostBytes = 512
  static let mostValueBytes = 64

  /// The fields of the line; client and agent are absent if they are not known.
  package var metadata: Logger.Metadata {
    var fields: Logger.Metadata = [
      "viewer": .string(viewer.prefixed(Self.mostBytes)), "method": .string(method),
      "target": .string(Self.shown(target).prefixed(Self.mostBytes)), "status": .stringConvertible(status),
      "bytes": .stringConvertible(bytes), "duration_ms": .stringConvertible(duration),
    ]
    if let client { fields["client"] = .string(client.prefixed(Self.mostBytes)) }
    if let agent { fields["agent"] = .string(agent.prefixed(Self.mostBytes)) }
    return fields
  }

  /// A path and query with the values replaced that may be secret: by their key, their prefix or their length.
  package static func shown(_ target: String) -> String {
    let cut = target.prefixed(mostBytes * 4)
    guard let mark = cut.firstIndex(of: "?") else { return cut }
    let pairs = cut[cut.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
    let shown = pairs.map { pair -> String in
      guard let equal = pair.firstIndex(of: "=") else {
        return isSecret(value: pair) ? hidden : String(pair)
      }
      let (key, value) = (pair[..<equal], pair[pair.index(after: equal)...])
      return isSecret(key: key) || isSecret(value: value) ? "\(key)=\(hidden)" : String(pair)
    }
    return cut[...mark] + shown.joined(separator: "&")
  }

  private static let hidden = "[hidden]"
  private static let secretWords = [
    "token", "password", "passwd", "secret", "auth", "session", "key", "sign", "code",
  ]

  private static func isSecret(key: Substring) -> Bool {
    // An escaped letter must not hide a word.
    let key = (key.removingPercentEncoding ?? String(key)).lowercased()
    return secretWords.contains { key.contains($0) } || key.utf8.count > mostValueBytes
  }

  private static func isSecret(value: Substring) -> Bool {
    value.utf8.count > mostValueBytes || value.contains("mw_") || value.lowercased().contains("bearer")
  }
}

extension String {
  /// At most this number of bytes, cut between scalars and ended by `…` if something was cut.
  fileprivate func prefixed(_ bytes: Int) -> String {
    guard utf8.count > bytes else { return self }
    var result = String.UnicodeScalarView()
    var count = 0
    for scalar in unicodeScalars {
      count += String(scalar).utf8.count
      if count > bytes { break }
      result.append(scalar)
    }
    return String(result) + "…"
  }
}
