import Foundation
import Processes
import TestSupport
import Testing

/// The question of `register import`, asked on a terminal.
@Suite("The question before an import") struct RegisterPromptTests {
  private let desk: RegisterDesk
  private let files: [String]

  init() throws {
    desk = try RegisterDesk()
    files = [
      try desk.folder.write("equipment.csv", "equipment_id,factory_id\nE1,F001\n"), "--factories",
      try desk.folder.write("factories.csv", "factory_id\nF001\n"),
    ]
  }

  private var store: String { desk.folder.file("store") }

  /// Imports the files on a terminal of its own, where `typed` is typed; returns what the terminal shows.
  private func importing(
    _ typed: String, _ arguments: [String] = [], environment: [String: String] = ["LANG": "en_US.UTF-8"]
  ) throws -> String {
    let terminal = try Terminal()
    try terminal.type(typed)
    let process = try start(
      Installation.executable,
      ["register", "import"] + files + [
        "--effective", "2024-01-01", "--config", desk.folder.file("store.yaml"),
      ]
        + arguments,
      environment: environment, input: .descriptor(terminal.inner), output: .descriptor(terminal.inner),
      errors: .descriptor(terminal.inner))
    let end = process.wait(seconds: 30 * patience)
    if end == nil {
      process.send(SIGKILL)
      process.wait()
    }
    #expect(end == .exited(0))
    // The terminal shows the typed line too.
    let shown = try terminal.shown().replacing("\r\n", with: "\n")
    return shown.hasPrefix(typed) ? String(shown.dropFirst(typed.count)) : shown
  }

  /// Versions in a store's register.
  private func versions(_ store: String) throws -> [String] {
    let history = try desk.output("register", "history", "--store", store)
    return history.matches(of: #/(?m)^(\d+) /#).map { String($0.output.1) }
  }

  private var read: String {
    "\(files[0]): text, UTF-8, separated by commas, headings in line 1, 1 equipment\n"
  }

  private static let changes = """
    factories  1 new, 0 changed
    equipment  1 new, 0 changed, 0 unchanged, 0 absent and kept

    new factories
      F001

    new equipment
      F001/E1

    """

  @Test("It names the store, and only yes stores", arguments: ["y\n", "YES\n", "是\n"])
  func accepted(answer: String) throws {
    #expect(
      try importing(answer)
        == read + Self.changes
        + "Store this in \(store)? [y/N] stored as register version 1, effective 2024-01-01\n"
    )
    #expect(try versions(store) == ["1"])
  }

  @Test("Any other answer, and the end of input, store nothing", arguments: ["n\n", "\n", "yess\n", "\u{4}"])
  func declined(answer: String) throws {
    let shown = try importing(answer)
    #expect(shown.contains("Store this in \(store)? [y/N] "), "\(shown.debugDescription)")
    #expect(shown.hasSuffix("nothing was stored\n"), "\(shown.debugDescription)")
    #expect(try versions(store) == [])
  }

  @Test("A store that the environment names instead is said, and is the one that is asked about")
  func overridden() throws {
    let other = desk.folder.file("other")
    let shown = try importing(
      "是\n", environment: ["LANG": "zh_CN.UTF-8", "MILLWRIGHT_STORE": "sqlite:\(other)"])
    #expect(
      shown == """
        \(files[0])：文本，UTF-8，以逗号分隔，表头在第 1 行，设备 1 台
        存储位置由环境变量 MILLWRIGHT_STORE 指定：sqlite:\(other)，未采用配置文件中的设置
        企业  新增 1，变更 0
        设备  新增 1，变更 0，未变 0，文件中缺失而保留 0

        新增企业
          F001

        新增设备
          F001/E1
        是否存入 \(other)？[y/N] 已存为台账第 1 版，自 2024-01-01 起生效

        """)
    #expect(try versions(other) == ["1"])
    #expect(!FileManager.default.fileExists(atPath: store))
    // An option stands above the variable, and nothing needs to be said.
    let third = desk.folder.file("third")
    let option = try importing(
      "y\n", ["--store", third],
      environment: ["LANG": "en_US.UTF-8", "MILLWRIGHT_STORE": "sqlite:\(other)"])
    #expect(
      option == read + Self.changes
        + "Store this in \(third)? [y/N] stored as register version 1, effective 2024-01-01\n")
    #expect(try versions(third) == ["1"])
  }

  @Test("English says so too") func english() throws {
    let other = desk.folder.file("other")
    let shown = try importing(
      "n\n", environment: ["LANG": "en_US.UTF-8", "MILLWRIGHT_STORE": "sqlite:\(other)"])
    #expect(
      shown
        == read + "the store is sqlite:\(other), set by MILLWRIGHT_STORE instead of the configuration\n"
        + Self.changes
        + "Store this in \(other)? [y/N] nothing was stored\n")
  }

  @Test("--yes asks nothing on a terminal") func unasked() throws {
    #expect(
      try importing("", ["--yes"]) == read + Self.changes
        + "stored as register version 1, effective 2024-01-01\n")
  }
}
