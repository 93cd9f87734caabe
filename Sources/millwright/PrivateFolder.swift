import Dispatch
import Foundation
import Glibc

/// A folder for temporary files with an unpredictable name, which other users cannot read.
enum PrivateFolder {
  /// Calls `body` with a new folder, and removes it afterwards, also if the command is interrupted.
  ///
  /// - Parameter interrupted: called before the removal if a signal interrupts the command.
  static func with<Result>(
    _ purpose: String, interrupted: @escaping @Sendable () -> Void = {},
    _ body: (_ path: String) throws -> Result
  ) throws -> Result {
    let path = try make(purpose)
    let remove: @Sendable () -> Void = { try? FileManager.default.removeItem(atPath: path) }
    let interruptions = [SIGINT, SIGTERM, SIGHUP].map { signal in
      Interruption(signal) {
        interrupted()
        remove()
      }
    }
    defer {
      remove()
      for one in interruptions { one.end() }
    }
    return try body(path)
  }

  /// Makes a new folder, which stays, and returns its path.
  ///
  /// - Throws: exit 73 with the reason and a remedy.
  static func make(_ purpose: String) throws -> String {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("millwright-\(purpose)-XXXXXX")
      .path
    var template = Array(place.utf8CString)
    guard mkdtemp(&template) != nil else {
      let reason = systemError(errno)
      throw CommandFailure(
        .cannotWrite, "\(place): cannot be created: \(reason); set TMPDIR to a folder that can be written",
        "\(place)：无法创建（\(reason)）；请将 TMPDIR 设为可写入的文件夹")
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Runs an action before a signal ends the process.
private struct Interruption {
  private let signal: Int32
  private let source: any DispatchSourceSignal

  init(_ signal: Int32, _ body: @escaping @Sendable () -> Void) {
    self.signal = signal
    source = DispatchSource.makeSignalSource(signal: signal, queue: DispatchQueue.global())
    source.setEventHandler {
      body()
      Glibc.signal(signal, SIG_DFL)
      raise(signal)
    }
    Glibc.signal(signal, SIG_IGN)
    source.resume()
  }

  func end() {
    source.cancel()
    Glibc.signal(signal, SIG_DFL)
  }
}
