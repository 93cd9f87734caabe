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
      one. With a store, it also says which figures of past days the import would improve, and with --retire-missing \
      which equipment it would retire.

      --report writes an answer that can be sent back to the factory: a summary in words, and the factory's own \
      rows with every problem beside its cell. In a workbook the cells are coloured and have comments. With a \
      store, the summary also has the figures of past days that would be improved, and what the factory has to \
      explain about last month. Of a folder, every ledger gets an answer of its own, LEDGER-answer.xlsx in the folder \
      that --report names: no factory sees another's rows.

      Examples:
        millwright register validate equipment.csv --factories factories.csv
        millwright register validate ledgers --factory-from cell:B2
        millwright register validate equipment.csv --retire-missing
        millwright register validate ledger.xlsx --report answer.xlsx --lang zh
        millwright register validate ledgers --report answers/ --lang zh
      """)

  @OptionGroup var files: RegisterFileOptions
  @OptionGroup var ledger: LedgerArguments
  @Option(
    help: "The day from which the rows would be valid, YYYY-MM-DD; default: today.",
    transform: RegisterSupport.day)
  var effective: CalendarDay?
  @Flag(
    help: """
      Show the equipment that an import with the same option would retire: it is missing from the file, and its factory \
      is not.
      """)
  var retireMissing = false
  @Option(
    help: """
      Also write the result as an answer to the sender: a file that ends in .xlsx, .html or .txt; for a folder of \
      ledgers a folder, for one workbook each.
      """)
  var report: String?
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func validate() throws {
    if let report { _ = try RegisterAnswers(report, CommandWording(language: output.language)) }
  }

  func run() throws {
    let say = CommandWording(language: output.language)
    let answers = try report.map { try RegisterAnswers($0, say) }
    let options = try ledger.options(store, say)
    let (ledgers, factories) = try files.load(besides: ledger.synonyms, records: false, say)
    try answers?.check(ledgers, [files.factoriesPath, ledger.synonyms].compactMap(\.self), say)
    let calendar = (try? store.settings())?.district.calendar ?? .utc
    let today = calendar.day(at: InstantArgument.now)
    // Without a store, only the factories in the files are known.
    let directory = try store.storeDirectoryIfNamed()
    guard directory != nil || !retireMissing else {
      throw CommandFailure(
        .usage,
        say(
          "--retire-missing needs the register to compare with: name the configuration with --config, or the store with "
            + "--store", "--retire-missing 需与台账比对：请用 --config 指明配置文件，或用 --store 指明存储位置"))
    }
    let registered = try directory.map { try RegisterSupport.factories(in: $0, on: effective ?? today) } ?? []
    var found = Outcome(
      ledgers: ledgers, factories: factories, registered: registered, options: options,
      before: try directory.map {
        try RegisterStore.open(directory: $0, readOnly: true).snapshot(day: effective ?? today)
      }, directory: directory, effectiveOn: effective ?? today, today: today, retiresMissing: retireMissing)
    do throws(RegisterProblems) {
      (found.rows, found.improvements, found.missing) = try found.read(ledgers.sources)
    } catch {
      found.problems = error
    }
    if let answers { try write(answers, found, calendar, say) }
    if let problems = found.problems {
      throw CommandFailure(.doesNotHold, problems.lines(say).joined(separator: "\n"))
    }
    show(found.rows, ledgers, factories, say)
    if let missing = found.missing {
      let changes = missing.changes(on: found.effectiveOn)
      for line in RegisterDiffText.retirements(changes, say) { print(line) }
    }
    guard let past = found.improvements else { return }
    for line in PastImprovementWords(past, in: output.language).lines { print(line) }
  }

  private func show(
    _ rows: RegisterRows, _ ledgers: LedgerFiles, _ factories: FactoriesFile?, _ say: CommandWording
  ) {
    let preview = LedgerPreviewText(
      sheets: rows.sheets, factories: rows.factorySheet, skipped: ledgers.skipped, say: say)
    for line in preview.lines { print(line) }
    let machines = rows.sheets.reduce(0) { $0 + $1.equipment }
    print(ledgers.name.inert + say(": \(machines) equipment, valid", "：设备 \(machines) 台，有效"))
    guard let factories else { return }
    let count = rows.factories.count
    print(
      factories.file.name.inert
        + say(": \(count.counted("factory", "factories")), valid", "：企业 \(count) 家，有效"))
  }
}
