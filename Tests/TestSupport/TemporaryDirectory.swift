import Foundation

/// A directory that is removed with its content when the last reference to it goes.
public final class TemporaryDirectory: Sendable {
  public let url: URL
  /// Its path, without a slash at the end.
  public var path: String { url.path }

  public init(_ name: String = "test") throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("millwright-\(name)-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in it.
  public func file(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes a file in it and returns its path.
  @discardableResult
  public func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
    let path = file(name)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    return path
  }
}
