import Foundation

/// A directory that is removed with its content when the last reference to it goes.
public final class TemporaryDirectory: Sendable {
  public let url: URL
  /// Its path, without a slash at the end.
  public var path: String { url.path }

  /// A folder of its own, in memory where the machine has such a place and `inMemory` asks for it: what is
  /// synchronized a hundred thousand times there costs no disk its patience.
  public init(_ name: String = "test", inMemory: Bool = false) throws {
    let memory = URL(fileURLWithPath: "/dev/shm", isDirectory: true)
    let isThere = inMemory && FileManager.default.isWritableFile(atPath: memory.path)
    url = (isThere ? memory : FileManager.default.temporaryDirectory)
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
