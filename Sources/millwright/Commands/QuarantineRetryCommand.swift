import ArgumentParser
import Configuration
import Decoding
import Foundation
import Ingestion
import Reporting
import SQLiteStore
import Storage
import Telemetry

struct QuarantineRetryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Read refused messages again, by the sources of the present configuration.",
    discussion: """
      After a source was added or a mapping changed, messages that were refused before can be read, and records that \
      were refused beside others of their message. They are read \
      from the journal as they were received and count at their own times, each once. Messages that were accepted \
      before stay as they are; messages that the present sources refuse too stay in quarantine.

      The journal stores the decision, and every later rebuild follows it. The views are rebuilt, while the collector \
      keeps running; it must use the same configuration (send it SIGHUP first). If the command is interrupted, run it \
      again. Messages that the journal no longer has, or that belong to days whose messages it has deleted, cannot be \
      read again.

      Examples:
        millwright quarantine retry --dry-run
        millwright quarantine retry --factory F001 --reason unknown_state --from 2026-11-01
        millwright quarantine retry --topic 'plant/#'
      """)

  @OptionGroup var refused: RefusedOptions

  @Option(name: .long, help: "Only messages of topics that match this MQTT topic filter.")
  var topic: String?

  @Option(name: .long, help: "Only messages received from this day on.")
  var from: String?

  @Option(name: .long, help: "Only messages received up to this day, including it.")
  var to: String?

  @Flag(name: .long, help: "Only count the messages that would be read; change nothing.")
  var dryRun = false

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let settings = try storeOptions.settings()
    let directory = settings.storeDirectory
    let language = languageOptions.language
    let selection = try selection(settings.district.calendar)
    try refused.requireKnown(in: directory, QuarantineText(language: language, calendar: .utc))
    let outcome = try RetryTrial(settings: try settings.shardSettings(), store: directory).run(selection)
    let text = RetryText(language)
    guard !dryRun, let day = outcome.day else { return print(text.wouldRead(outcome)) }
    let block = try Rereading(settings: settings, directory: directory).decide(
      RereadingScope(day: day, refused: selection))
    print(text.reads(outcome, block: block))
    let rebuilt = try RebuildCommand.rebuild(settings, directory)
    print(text.rebuilt(rebuilt.block, isInPlace: rebuilt.isInPlace))
  }

  private func selection(_ calendar: LocalCalendar) throws -> RefusedSelection {
    let first = try day(from, "--from").map(calendar.start(of:)) ?? .distantPast
    let end = try day(to, "--to").map { calendar.start(of: $0 + 1) } ?? .distantFuture
    guard first < end else { throw CommandFailure(.usage, "--from: is after --to") }
    let subject = try refused.subject()
    var selection = RefusedSelection(received: first..<end)
    selection.reason = try refused.wantedReason()
    selection.factory = try held(subject.factory, "--factory")
    selection.equipment = try held(subject.equipment, "--equipment")
    selection.topic = try held(topic, "--topic")
    if let topic, !TopicFilter.isFilter(topic) {
      throw CommandFailure(.usage, "--topic: '\(topic.inert)' is not a topic filter, such as 'plant/#'")
    }
    return selection
  }

  private func day(_ text: String?, _ option: String) throws -> CalendarDay? {
    guard let text else { return nil }
    guard let day = CalendarDay(text) else {
      throw CommandFailure(.usage, "\(option): '\(text.inert)' is not a day, such as 2026-11-01")
    }
    return day
  }

  private func held(_ text: String?, _ option: String) throws -> String? {
    guard let text else { return nil }
    guard RefusedSelection.canHold(text) else {
      throw CommandFailure(
        .usage,
        "\(option): must have 1 to \(RefusedSelection.longestText) bytes and no control characters")
    }
    return text
  }
}

/// Whose refused messages are meant, and for which reason they were refused.
struct RefusedOptions: ParsableArguments {
  @Option(name: .long, help: "Only this factory's messages.")
  var factory: String?

  @Option(name: .long, help: "Only this equipment's messages: an id with --factory, or FACTORY/EQUIPMENT.")
  var equipment: String?

  @Option(name: .long, help: "Only messages refused for this reason.")
  var reason: String?

  func wantedReason() throws -> RejectionReason? {
    guard let reason else { return nil }
    if let found = RejectionReason.allCases.first(where: { $0.name == reason }) { return found }
    let names = RejectionReason.allCases.map(\.name)
    throw CommandFailure(
      .usage,
      "--reason: '\(reason.inert)' is not one of \(names.joined(separator: ", "))"
        + Suggestion.phrase(for: reason, among: names))
  }

  func subject() throws -> QuarantineSubject {
    guard let equipment else { return QuarantineSubject(factory: factory) }
    if let factory { return QuarantineSubject(factory: factory, equipment: equipment) }
    guard let slash = equipment.firstIndex(of: "/") else {
      throw CommandFailure(
        .usage,
        "--equipment: '\(equipment.inert)' is not FACTORY/EQUIPMENT, such as F001/E1; or give --factory")
    }
    return QuarantineSubject(
      factory: String(equipment[..<slash]), equipment: String(equipment[equipment.index(after: slash)...]))
  }

  /// Throws if neither the register nor a sender has the ids.
  func requireKnown(in directory: StoreDirectory, _ text: QuarantineText) throws {
    let subject = try subject()
    let groups = try QuarantineReader(directory).groups(
      factory: subject.factory, equipment: subject.equipment)
    if groups.isEmpty, let unknown = try text.unknown(subject, in: directory) {
      throw CommandFailure(.noInput, unknown)
    }
  }
}

/// Text of `quarantine retry`, and of the offer to use it, in one language.
struct RetryText {
  private let language: Language

  init(_ language: Language) { self.language = language }

  private func pick(_ english: String, _ chinese: String) -> String {
    language == .chinese ? chinese : english
  }

  /// The result of a trial.
  func wouldRead(_ outcome: RetryTrial.Outcome) -> String {
    var sentence = pick(
      "\(outcome.readable) of \(subject(outcome)) would be read now.",
      "\(subject(outcome))，按现行配置可读取 \(outcome.readable) 条。")
    if outcome.dropped > 0 {
      sentence += pick(
        " \(outcome.dropped) of them are no longer in the journal and cannot be read again.",
        "其中 \(outcome.dropped) 条已超过日志保留期，无法重新读取。")
    }
    return sentence
  }

  /// The selected messages: those that are refused, and those of which records are refused beside others that count.
  private func subject(_ outcome: RetryTrial.Outcome) -> String {
    let more = outcome.partlyRead
    return pick(
      "\(outcome.refused) refused messages" + (more > 0 ? " and \(more) partly read ones" : ""),
      "拒收消息共 \(outcome.refused) 条" + (more > 0 ? "、部分读取的消息共 \(more) 条" : ""))
  }

  /// The journal has the decision to read them.
  func reads(_ outcome: RetryTrial.Outcome, block: Int64) -> String {
    pick(
      "\(outcome.readable) of \(subject(outcome)) are read by the present sources, as stored in block \(block).",
      "\(subject(outcome))，其中 \(outcome.readable) 条按现行配置重新读取，决定已记入日志块 \(block)。")
  }

  /// The views have them.
  func rebuilt(_ block: Int64, isInPlace: Bool) -> String {
    isInPlace
      ? pick("The views were rebuilt up to block \(block) and are in place.", "视图已重建至日志块 \(block) 并已生效。")
      : pick(
        "The views were rebuilt up to block \(block); the collector will switch to them.",
        "视图已重建至日志块 \(block)，采集器将自动切换。")
  }

  /// The offer to read refused messages again.
  func offer(_ messages: Int) -> String {
    pick(
      "\(messages) refused \(messages == 1 ? "message" : "messages") would be read now: millwright quarantine retry",
      "现有 \(messages) 条拒收消息按现行配置可读取：millwright quarantine retry")
  }
}
