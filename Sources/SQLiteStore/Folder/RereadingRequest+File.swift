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
    guard lstat(rereading, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < 1024,
      let text = try? String(contentsOfFile: rereading, encoding: .utf8), let word = CheckedLine.value(text)
    else { return nil }
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let day = CalendarDay(parts[0]),
      let sources = SHA256Digest(hexadecimal: String(parts[1]))
    else { return nil }
    return RereadingRequest(day: day, sources: sources)
  }

  /// Leaves a request for the collector.
  public func leave(_ request: RereadingRequest) throws(StoreError) {
    try StoreFile.replace(rereading, with: CheckedLine.text("\(request.day)/\(request.sources)"))
  }

  /// Removes the request: it was answered, or is withdrawn. Returns whether there was one.
  @discardableResult public func removeRereadingRequest() -> Bool { unlink(rereading) == 0 }
}
