import Register
import Reporting
import SQLiteStore
import Storage
import Telemetry

extension RegisterValidateCommand {
  /// The files of a check, and what it found.
  struct Outcome {
    let ledgers: LedgerFiles
    let factories: FactoriesFile?
    let registered: [RegisteredFactory]
    let options: LedgerOptions
    /// The register on the effective day; nil without a store.
    let before: RegisterSnapshot?
    let directory: String?
    let effectiveOn: CalendarDay
    let today: CalendarDay
    /// Whether equipment of the files' factories that they lack would be retired.
    let retiresMissing: Bool
    /// The sheets and factories of all ledgers. Rows of equipment are not kept.
    var rows = RegisterRows(equipment: [])
    /// Figures of past days that an import of all ledgers would improve; nil without a store or with problems.
    var improvements: PastImprovements?
    /// Equipment that an import of all ledgers would retire; nil unless it is asked for, and with problems.
    var missing: MissingEquipment?
    /// Everything that is wrong; nil if the files are valid.
    var problems: RegisterProblems?

    /// Reads ledgers and the factories file, and compares the rows with the register one at a time.
    ///
    /// - Parameter retired: equipment that the import retires as well; nil for what the ledgers lack, if that is asked for.
    func read(
      _ ledgers: [LedgerSource], retiring retired: [RegisteredEquipment]? = nil
    ) throws(RegisterProblems) -> (
      rows: RegisterRows, improvements: PastImprovements?, missing: MissingEquipment?
    ) {
      var search = before.map {
        PastImprovementSearch(before: $0, effectiveOn: effectiveOn, today: today)
      }
      var missing = retiresMissing && retired == nil ? before.map { MissingEquipment(before: $0) } : nil
      let rows = try RegisterRows.read(
        ledgers: ledgers, factories: factories?.source, registered: registered, options: options,
        receive: {
          search?.add($0)
          missing?.add($0)
        })
      for one in retired ?? missing?.retired(on: effectiveOn) ?? [] { search?.add(one) }
      return (rows, search?.improvements, missing)
    }

    /// The figures of past days that an import of the ledger improves, for the ledger's answer. Each ledger
    /// of a folder is read again alone. An import retires equipment only if no ledger of the folder has it, because
    /// another ledger may have equipment of the same factories.
    ///
    /// - Parameters:
    ///   - factories: ids of the factories that the ledger's rows name.
    ///   - isValid: whether the ledger has no problems.
    func comparison(
      _ ledger: LedgerSource, of factories: Set<String>, isValid: Bool
    ) -> AnswerContext.Comparison {
      guard before != nil else { return .noRegister }
      guard isValid else { return .notValid }
      var own = improvements
      if problems != nil || ledgers.sources.count > 1 {
        let retired = missing?.retired(on: effectiveOn).filter { factories.contains($0.key.factory) }
        guard let read = try? read([ledger], retiring: retired ?? []) else { return .notValid }
        own = read.improvements
      }
      return own.map { .compared($0, effectiveOn: effectiveOn) } ?? .noRegister
    }
  }

  /// Writes an answer for each ledger, which has nothing of the other ledgers and of the factories file.
  func write(
    _ answers: RegisterAnswers, _ found: Outcome, _ calendar: LocalCalendar, _ say: CommandWording
  ) throws {
    if let factories = found.factories, found.problems?.of(file: factories.file.name) != nil {
      printError(
        say(
          "no answer was written: \(factories.file.name.inert) is the office's own; correct it first",
          "未生成答复：请先更正本单位的 \(factories.file.name.inert)"))
      return
    }
    if answers.isFolder { try OutputFile.makeFolder(answers.path, option: "--report") }
    let paths = answers.paths(found.ledgers)
    let flags = AnswerFlags(store: store, say: say)
    // If no flags can be read, they are looked up and the reason is said once.
    var unread: AnswerContext.Flags?
    for (place, ledger) in found.ledgers.sources.enumerated() {
      let name = found.ledgers.paths[place]
      let problems = found.problems?.of(file: name)
      let sheets = (found.problems?.sheets ?? found.rows.sheets).filter { $0.file == name }
      let factories = Set(sheets.flatMap(\.factories))
      let own = try unread ?? flags.read(of: factories.sorted(), in: found.directory)
      if case .notRead = own { unread = own }
      let context = AnswerContext(
        comparison: found.comparison(ledger, of: factories, isValid: problems == nil), flags: own)
      try answers.write(
        ledger, sheets, problems, context, to: paths[place], language: output.language, calendar: calendar)
    }
    guard answers.isFolder else { return }
    let count = paths.count
    print(
      say(
        "\(count.counted("answer")) in \(answers.path.inert)", "答复 \(count) 份，位于 \(answers.path.inert)"))
  }
}
