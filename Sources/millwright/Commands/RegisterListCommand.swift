import ArgumentParser
import Register
import Reporting
import SQLiteStore
import Telemetry

/// `millwright register list`: the equipment of a day as a table.
struct RegisterListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List registered equipment.",
    discussion: """
      Example:
        millwright register list --factory F001 --day 2026-10-31
      """)

  @Option(help: "Only this factory's equipment.", completion: Completions.factories)
  var factory: String?
  @Option(
    help: "The day of the register, YYYY-MM-DD; default: today.", transform: RegisterSupport.day)
  var day: CalendarDay?
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let settings = try store.settings()
    let say = CommandWording(language: output.language)
    let register = try RegisterStore.open(directory: settings.storeDirectory.path, readOnly: true)
    let snapshot = try register.snapshot(
      day: day ?? settings.district.calendar.day(at: InstantArgument.now), factory: factory)
    if let factory, !snapshot.factories.contains(where: { $0.id == factory }) {
      throw CommandFailure(
        .noInput, say("the register has no factory \(factory)", "台账中没有企业 \(factory)").inert)
    }
    if !snapshot.entries.isEmpty { print(Self.lines(snapshot.entries, say).joined(separator: "\n") + "\n") }
    print(Self.summary(snapshot, say))
  }

  private static func lines(_ entries: [RegisterSnapshot.Entry], _ say: CommandWording) -> [String] {
    let columns: [EquipmentColumn] = [
      .workshop, .line, .name, .category, .automation, .intelligent, .digital, .connectable,
    ]
    let headings =
      [say("equipment", "设备")] + columns.map(say.heading)
      + [say("production", "生产设备"), say("service", "状态")]
    return RegisterSupport.table(
      [headings]
        + entries.map { entry in
          [entry.equipment.key.description] + columns.map { say.value($0, of: entry.equipment) }
            + [say.flag(entry.equipment.isProduction), say.service(entry)]
        })
  }

  private static func summary(_ snapshot: RegisterSnapshot, _ say: CommandWording) -> String {
    let inService = snapshot.entries.filter { $0.service == .inService }
    let production = inService.count { $0.equipment.isProduction }
    return say(
      "register version \(snapshot.version) on \(snapshot.day): \(snapshot.entries.count) equipment, "
        + "\(inService.count) in service, \(production) of them production equipment",
      "台账第 \(snapshot.version) 版，\(snapshot.day)：设备 \(snapshot.entries.count) 台，"
        + "在役 \(inService.count) 台，其中生产设备 \(production) 台")
  }
}
