import ArgumentParser
import Journal
import Register
import Reporting
import SQLiteStore
import Storage
import Telemetry

/// `millwright register history`: all imports, or the imported rows of one equipment.
struct RegisterHistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "List the imports, or the changes of one equipment.",
    discussion: """
      For an equipment, each version is compared with the row that was valid on its effective day before. \
      The printed times of import can be used for --known-at, --known-from and --known-to.

      Example:
        millwright register history
        millwright register history F001/E1
      """)

  @Argument(
    help: "The equipment: FACTORY/EQUIPMENT; without it, all imports.",
    completion: Completions.equipment, transform: RegisterSupport.key)
  var equipment: EquipmentKey?
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let settings = try store.settings()
    let register = try RegisterStore.open(directory: settings.storeDirectory.path, readOnly: true)
    let text = RegisterHistoryText(
      calendar: settings.district.calendar, say: CommandWording(language: output.language))
    guard let equipment else {
      print(text.lines(try register.imports()).joined(separator: "\n"))
      return
    }
    let history = EquipmentHistory(try register.history(of: equipment))
    guard !history.versions.isEmpty else { throw text.missing(equipment) }
    print(text.lines(history).joined(separator: "\n"))
  }
}

/// Imports and histories as text.
private struct RegisterHistoryText {
  let calendar: LocalCalendar
  let say: CommandWording
  /// Number of digits shown of a digest: enough to distinguish files by eye.
  private static let digestPrefix = 12

  func lines(_ imports: [RegisterImportRecord]) -> [String] {
    guard !imports.isEmpty else { return [say("nothing was imported yet", "尚未导入任何台账")] }
    var rows = [
      [
        say("version", "版本"), say("effective on", "生效日期"), say("imported at", "导入时间"),
        say("rows", "行数"), "SHA-256", say("file", "文件"),
      ]
    ]
    for one in imports {
      let version = one.version
      rows.append(
        [String(version.version), version.effectiveOn.description, local(version.importedAt)]
          + cells(one.equipment))
      if let factories = one.factories { rows.append(["", "", ""] + cells(factories)) }
    }
    return RegisterSupport.table(rows)
  }

  /// One row per version, and another for each further attribute that it changed.
  func lines(_ history: EquipmentHistory) -> [String] {
    var rows = [
      [
        say("version", "版本"), say("effective on", "生效日期"), say("until", "截止"),
        say("known since", "获知时间"), say("changed", "变更"),
      ]
    ]
    var above: Int?
    for version in history.versions {
      let origin = version.origin
      let changes = changes(version, above: above)
      rows.append([
        String(origin.version), origin.effectiveOn.description, end(version.end), local(origin.importedAt),
        changes[0],
      ])
      rows += changes.dropFirst().map { ["", "", "", "", $0] }
      above = origin.version
    }
    return RegisterSupport.table(rows)
  }

  func missing(_ key: EquipmentKey) -> CommandFailure {
    CommandFailure(.noInput, say("the register has no equipment \(key)", "台账中没有设备 \(key)"))
  }

  private func cells(_ file: RegisterImportRecord.File) -> [String] {
    [String(file.rows), String(file.sha256.prefix(Self.digestPrefix)), file.name.inert]
  }

  /// Texts of the changes, never empty. Names the compared version unless it is the one in the row above.
  private func changes(_ version: EquipmentHistory.Version, above: Int?) -> [String] {
    guard let replaces = version.replaces else { return [say("first row", "首次登记")] }
    var lines = version.changes.map(say.change)
    if lines.isEmpty { lines = [say("nothing", "无")] }
    if replaces != above {
      lines[0] = say("against version \(replaces): ", "与第 \(replaces) 版相比：") + lines[0]
    }
    return lines
  }

  private func end(_ end: EquipmentHistory.End) -> String {
    switch end {
    case .open: ""
    case .until(let day, _): day.description
    case .replaced(let version): say("replaced by \(version)", "被第 \(version) 版取代")
    }
  }

  private func local(_ instant: Timestamp) -> String {
    instant.rfc3339(offset: calendar.offset(at: instant))
  }
}
