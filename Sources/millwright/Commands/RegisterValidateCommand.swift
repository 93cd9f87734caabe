import ArgumentParser
import Register
import Reporting
import SQLiteStore
import Telemetry

/// `millwright register validate`: performs all checks of an import and stores nothing.
struct RegisterValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check register files without storing anything.",
    discussion: """
      Prints how each file was read, then every problem with its file, line and column, and exits with 1 if there is \
      one. With a store, it also says which figures of past days the import would improve.

      --report writes an answer that can be sent back to the factory: a summary in words, and the factory's own \
      rows with every problem beside its cell. In a workbook the cells are coloured and have comments. With a \
      store, the summary also has the figures of past days that would be improved, and what the factory has to \
      explain about last month.

      Examples:
        millwright register validate equipment.csv --factories factories.csv
        millwright register validate ledgers --factory-from cell:B2
        millwright register validate ledger.xlsx --report answer.xlsx --lang zh
      """)

  @OptionGroup var files: RegisterFileOptions
  @OptionGroup var ledger: LedgerArguments
  @Option(
    help: "The day from which the rows would be valid, YYYY-MM-DD; default: today.",
    transform: RegisterSupport.day)
  var effective: CalendarDay?
  @Option(help: "Also write the result as an answer to the sender; the name ends in .xlsx, .html or .txt.")
  var report: String?
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func validate() throws {
    if let report { _ = try RegisterAnswerFile(report) }
  }

  func run() throws {
    let answer = try report.map { try RegisterAnswerFile($0) }
    let say = RegisterWording(language: output.language)
    let options = try ledger.options(store, say)
    let (ledgers, factories) = try files.load(besides: ledger.synonyms, records: false, say)
    try answer?.refuseReplacing(
      ledgers.paths + [files.factoriesPath, ledger.synonyms].compactMap(\.self), say)
    let calendar = (try? store.settings())?.district.calendar ?? .utc
    let today = calendar.day(at: InstantArgument.now)
    // Without a store, only the factories in the files are known.
    let directory = try store.storeDirectoryIfNamed()
    let registered = try directory.map { try RegisterSupport.factories(in: $0, on: effective ?? today) } ?? []
    var search = try directory.map { try self.search(in: $0, today: today) }
    var rows = RegisterRows(equipment: [])
    var problems: RegisterProblems?
    do throws(RegisterProblems) {
      rows = try RegisterRows.read(
        ledgers: ledgers.sources, factories: factories, registered: registered, options: options,
        receive: { search?.add($0) })
    } catch {
      problems = error
    }
    let sheets = problems?.sheets ?? rows.sheets
    let past = problems == nil ? search?.improvements : nil
    if let answer {
      let comparison: AnswerContext.Comparison =
        directory == nil
        ? .noRegister : past.map { .compared($0, effectiveOn: effective ?? today) } ?? .notValid
      let named = Set(sheets.flatMap(\.factories)).sorted()
      let context = AnswerContext(
        comparison: comparison, flags: try AnswerFlags(store: store, say: say).read(of: named, in: directory))
      try answer.write(
        ledgers.sources, sheets, factories, problems, context, language: output.language, calendar: calendar)
    }
    if let problems { throw CommandFailure(.doesNotHold, problems.lines(say).joined(separator: "\n")) }
    show(rows, ledgers, factories, say)
    if let past { for line in PastImprovementWords(past, in: output.language).lines { print(line) } }
  }

  private func show(
    _ rows: RegisterRows, _ ledgers: LedgerFiles, _ factories: RegisterFile?, _ say: RegisterWording
  ) {
    for line in LedgerPreviewText(sheets: rows.sheets, skipped: ledgers.skipped, say: say).lines {
      print(line)
    }
    let machines = rows.sheets.reduce(0) { $0 + $1.equipment }
    print(ledgers.name.inert + say(": \(machines) equipment, valid", "：设备 \(machines) 台，有效"))
    guard let factories else { return }
    let count = rows.factories.count
    print(
      factories.name.inert + say(": \(count.counted("factory", "factories")), valid", "：企业 \(count) 家，有效"))
  }

  /// A search for figures of past days that the import would improve.
  private func search(in directory: String, today: CalendarDay) throws -> PastImprovementSearch {
    let effectiveOn = effective ?? today
    let before = try RegisterStore.open(directory: directory, readOnly: true).snapshot(day: effectiveOn)
    return PastImprovementSearch(before: before, effectiveOn: effectiveOn, today: today)
  }
}
