import Foundation
import TestSupport

/// A configuration and a store with a register, and neither broker nor collector: what somebody has who keeps
/// the register and prints reports, through the executable.
struct RegisterDesk {
  let folder: TemporaryDirectory
  private let store: String

  /// `store` is the folder of the store within the desk's.
  init(_ folder: TemporaryDirectory? = nil, store: String = "store") throws {
    self.folder = try folder ?? TemporaryDirectory("desk")
    self.store = store
    try configure("")
  }

  private var configuration: String { folder.file("\(store).yaml") }

  /// Writes the configuration anew, with further lines.
  @discardableResult func configure(_ more: String) throws -> String {
    try folder.write(
      "\(store).yaml",
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      store: sqlite:\(store)
      \(more)
      """)
  }

  func millwright(_ arguments: String...) throws -> CommandResult { try millwright(arguments) }

  func millwright(_ arguments: [String]) throws -> CommandResult {
    try run(
      Installation.executable, arguments + ["--config", configuration], environment: ["LANG": "en_US.UTF-8"])
  }

  /// What a command prints; it must end well.
  func output(_ arguments: String...) throws -> String {
    let result = try run(
      Installation.executable, arguments + ["--config", configuration], environment: ["LANG": "en_US.UTF-8"])
    guard result.status == 0 else { throw SupportError("\(arguments): \(result.errors)") }
    return result.output
  }

  /// The lines a command prints, their columns one space apart, without blank ones.
  func lines(_ arguments: String...) throws -> [String] {
    let result = try run(
      Installation.executable, arguments + ["--config", configuration], environment: ["LANG": "en_US.UTF-8"])
    guard result.status == 0 else { throw SupportError("\(arguments): \(result.errors)") }
    return Self.words(result.output)
  }

  static func words(_ text: String) -> [String] {
    text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
  }

  /// Imports a register from its CSV texts.
  func importRegister(
    _ equipment: String, factories: String? = nil, effective: String, retireMissing: Bool = false
  ) throws {
    var arguments = [
      "register", "import", try folder.write("equipment.csv", equipment), "--effective", effective, "--yes",
      "--config", configuration,
    ]
    if let factories { arguments += ["--factories", try folder.write("factories.csv", factories)] }
    if retireMissing { arguments.append("--retire-missing") }
    let result = try run(Installation.executable, arguments)
    guard result.status == 0 else { throw SupportError("register import: \(result.errors)") }
  }

  /// A report as it is decoded.
  func report<Contents: Decodable>(_ type: Contents.Type, _ arguments: [String]) throws -> Contents {
    let command = ["report"] + arguments + ["--format", "json", "--config", configuration]
    let result = try run(Installation.executable, command)
    guard result.status == 0 else { throw SupportError("report \(arguments): \(result.errors)") }
    return try JSONDecoder().decode(type, from: Data(result.output.utf8))
  }
}
