import ArgumentParser
import Configuration
import Foundation
import Register
import Reporting
import SQLiteStore
import Storage
import Telemetry

struct CalendarCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calendar",
    abstract: "Import, check and show production calendars: shifts, holidays and planned shutdowns.",
    subcommands: [
      CalendarImportCommand.self, CalendarValidateCommand.self, CalendarShowCommand.self,
      CalendarHistoryCommand.self,
    ])
}

/// The calendar file of a command.
struct CalendarFileOptions: ParsableArguments {
  @Argument(help: "The calendar file: CSV in UTF-8 or GB18030, English or Chinese headings.")
  var file: String

  @OptionGroup var form: TextFileOptions
  @OptionGroup var output: LanguageOptions
  var say: CommandWording { CommandWording(language: output.language) }

  /// The file's content.
  func load() throws -> RegisterFile { try form.load(file) }

  /// The entries. If the file has faults, throws all of them with `status`.
  func read(_ file: RegisterFile, _ settings: Settings, orElse status: ExitStatus) throws -> [CalendarEntry] {
    let register = try RegisterStore.open(directory: settings.storeDirectory.path, readOnly: true)
    let factories = try register.factoryIDs()
    do throws(RegisterProblems) {
      return try CalendarEntry.read(file, factories: factories, calendar: settings.district.calendar)
    } catch {
      throw CommandFailure(status, error.lines(say).joined(separator: "\n"))
    }
  }
}

struct CalendarImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Replace the calendar of every factory named in a file.",
    discussion: """
      The file's rows become the calendar of the factories that it names. Reports with an earlier --known-at do \
      not change. A planned shutdown counts only if it was entered before it began. The time of entry is that of \
      the first import that contains it. If one row is invalid, nothing is stored.

      Example:
        millwright calendar import calendar.csv
      """)

  @OptionGroup var file: CalendarFileOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let settings = try store.settings()
    let source = try file.load()
    let entries = try file.read(source, settings, orElse: .badData)
    guard !entries.isEmpty else {
      throw CommandFailure(
        .badData,
        source.name.inert + file.say(": has no rows; nothing was stored", "：没有数据行，未保存任何内容"))
    }
    let register = try RegisterSupport.openForWriting(settings.storeDirectory.path)
    let version = try register.importCalendar(entries, from: source, at: InstantArgument.now)
    let calendars = try register.productionCalendars()
    let factories = Set(entries.map(\.factory)).sorted()
    print(
      file.say(
        "Stored as version \(version): \(entries.count.counted("entry", "entries")) for \(factories.count.counted("factory", "factories")).",
        "已存为第 \(version) 版：\(factories.count) 家企业，共 \(entries.count) 条。"))
    for factory in factories {
      for late in calendars.factories[factory]?.shutdowns.filter(\.isLate) ?? [] {
        let from = late.range.lowerBound.rfc3339(
          offset: settings.district.calendar.offset(at: late.range.lowerBound))
        print(
          file.say(
            "\(factory): the shutdown from \(from) was entered after it began: it is flagged and changes no figure.",
            "\(factory)：自 \(from) 起的停产在开始之后才录入，将列为疑点，不影响任何指标。"))
      }
    }
  }
}

struct CalendarValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check a calendar file without storing anything; exit 1 if it has a fault.")

  @OptionGroup var file: CalendarFileOptions
  @OptionGroup var store: StoreOptions

  func run() throws {
    let source = try file.load()
    let entries = try file.read(source, try store.settings(), orElse: .doesNotHold)
    print(
      source.name.inert
        + file.say(": \(entries.count.counted("entry", "entries")), valid", "：\(entries.count) 条，有效"))
  }
}

struct CalendarShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one factory's calendar, as known now or at an instant.",
    discussion: """
      Example:
        millwright calendar show F001 --known-at 2026-11-01
      """)

  @Argument(help: "The factory's id.", completion: Completions.factories)
  var factory: String

  @Option(
    name: .long, help: "The calendar as known at an instant (RFC 3339) or at the end of a day; default: now.")
  var knownAt: String?

  @OptionGroup var store: StoreOptions

  func run() throws {
    let settings = try store.settings()
    let local = settings.district.calendar
    let known = try knownAt.map { try InstantArgument.parse($0, option: "--known-at", calendar: local) }
    let register = try RegisterStore.open(directory: settings.storeDirectory.path, readOnly: true)
    let calendars = try register.productionCalendars(knownAt: known, factory: factory)
    guard let calendar = calendars.factories[factory] else {
      throw CommandFailure(.noInput, "\(factory.inert): no calendar was imported for this factory")
    }
    func place(_ place: ProductionCalendar.Place) -> String {
      place.workshop.isEmpty
        ? "all" : [place.workshop, place.line].filter { !$0.isEmpty }.joined(separator: "/")
    }
    func time(_ minute: Int) -> String {
      let minute = minute > 1440 ? minute - 1440 : minute
      return String(format: "%02d:%02d", minute / 60, minute % 60)
    }
    func instant(_ instant: Timestamp) -> String { instant.rfc3339(offset: local.offset(at: instant)) }
    var rows: [[String]] = []
    for shift in calendar.shifts {
      rows.append([
        "shift", place(shift.place), "\(shift.days.lowerBound) to \(shift.days.upperBound)",
        "weekdays " + shift.weekdays.sorted().map(String.init).joined(separator: ","),
        "\(time(shift.start))–\(time(shift.end))",
      ])
    }
    for holiday in calendar.holidays {
      rows.append([
        "holiday", place(holiday.place), "\(holiday.days.lowerBound) to \(holiday.days.upperBound)",
      ])
    }
    for shutdown in calendar.shutdowns {
      rows.append([
        "shutdown", place(shutdown.place),
        "\(instant(shutdown.range.lowerBound)) to \(instant(shutdown.range.upperBound))",
        "entered \(instant(shutdown.enteredAt))",
        shutdown.isLate ? "LATE: changes no figure" : shutdown.note.inert,
      ])
    }
    print(RegisterSupport.table(rows).joined(separator: "\n"))
  }
}

struct CalendarHistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "List the imports of calendars with their times, files and factories."
  )

  @OptionGroup var store: StoreOptions

  func run() throws {
    let settings = try store.settings()
    let register = try RegisterStore.open(directory: settings.storeDirectory.path, readOnly: true)
    let rows = try register.calendarImports().map { one in
      [
        "\(one.version)",
        one.importedAt.rfc3339(offset: settings.district.calendar.offset(at: one.importedAt)),
        one.entries.counted("entry", "entries"), one.factories.joined(separator: " "), one.file.inert,
      ]
    }
    print(
      rows.isEmpty ? "No calendar was ever imported." : RegisterSupport.table(rows).joined(separator: "\n"))
  }
}
