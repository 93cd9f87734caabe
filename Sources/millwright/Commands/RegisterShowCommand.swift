import ArgumentParser
import Register
import Reporting
import SQLiteStore
import Telemetry

/// `millwright register show`: one equipment and the imports that set its attributes.
struct RegisterShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show all attributes of an equipment and the imports that set them.",
    discussion: """
      Example:
        millwright register show F001/E1
      """)

  @Argument(help: "The equipment: FACTORY/EQUIPMENT.", completion: Completions.equipment)
  var equipment: String
  @Option(help: "The day of the attributes, YYYY-MM-DD; default: today.", transform: RegisterSupport.day)
  var day: CalendarDay?
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let key = try RegisterSupport.key(equipment)
    let settings = try store.settings()
    let calendar = settings.district.calendar
    let day = day ?? calendar.day(at: InstantArgument.now)
    let say = CommandWording(language: output.language)
    let register = try RegisterStore.open(directory: settings.storeDirectory.path, readOnly: true)
    let snapshot = try register.snapshot(day: day, factory: key.factory)
    let entry = snapshot.entries.first { $0.equipment.key == key }
    guard let entry else {
      throw CommandFailure(.noInput, say("the register has no equipment \(key)", "台账中没有设备 \(key)"))
    }
    print(Self.attributes(entry, on: day, say).joined(separator: "\n"))
    print("\n" + say("imports", "导入记录"))
    print(Self.lines(try register.history(of: key), calendar, say).joined(separator: "\n"))
  }

  private static func attributes(
    _ entry: RegisterSnapshot.Entry, on day: CalendarDay, _ say: CommandWording
  ) -> [String] {
    RegisterSupport.table(
      EquipmentColumn.allCases.map { [say.heading($0), say.value($0, of: entry.equipment)] } + [
        [say("production equipment", "生产设备"), say.flag(entry.equipment.isProduction)],
        [say("on \(day)", "\(day)"), say.service(entry)],
      ])
  }

  /// One line per import: its days, its time, and the changes from the import before.
  private static func lines(
    _ history: [(import: RegisterImport, equipment: RegisteredEquipment)], _ calendar: LocalCalendar,
    _ say: CommandWording
  ) -> [String] {
    var rows = [
      [
        say("version", "版本"), say("effective", "生效日期"), say("imported", "导入时间"), say("changed", "变更"),
      ]
    ]
    var previous: RegisteredEquipment?
    for (one, equipment) in history {
      rows.append([
        String(one.version), one.effectiveOn.description, local(one.importedAt, calendar),
        changes(from: previous, to: equipment, say),
      ])
      previous = equipment
    }
    return RegisterSupport.table(rows)
  }

  private static func changes(
    from old: RegisteredEquipment?, to new: RegisteredEquipment, _ say: CommandWording
  ) -> String {
    guard let old else { return say("first row", "首次登记") }
    let changed = EquipmentColumn.allCases.filter { $0.text(of: old) != $0.text(of: new) }
    if changed.isEmpty { return say("nothing", "无") }
    return changed.map { column in
      let before = say.value(column, of: old)
      let after = say.value(column, of: new)
      let none = say("(none)", "（无）")
      return say.heading(column) + say(": ", "：")
        + "\(before.isEmpty ? none : before) → \(after.isEmpty ? none : after)"
    }.joined(separator: say("; ", "；"))
  }

  /// `2026-11-22 08:00` in the store's time zone.
  private static func local(_ instant: Timestamp, _ calendar: LocalCalendar) -> String {
    let day = calendar.day(at: instant)
    let wall = (instant + calendar.offset(at: instant)).milliseconds
    let minutes = Int((wall - Int64(day.number) * 86_400_000) / 60_000)
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    return "\(day) \(two(minutes / 60)):\(two(minutes % 60))"
  }
}
