import Foundation

/// Programs of other packages.
enum ProgramPath {
  /// Path of the first of some programs that is in a folder of `PATH`; nil if none is.
  static func find(_ names: [String]) -> String? {
    let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    for folder in folders.split(separator: ":") {
      for name in names where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
        return "\(folder)/\(name)"
      }
    }
    return nil
  }
}
