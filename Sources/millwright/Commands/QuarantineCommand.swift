import ArgumentParser
import Daemon
import Foundation
import Reporting
import SQLiteStore
import Storage
import Telemetry

struct QuarantineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine",
    abstract: "List and show refused messages, and read them again after the sources changed.",
    subcommands: [QuarantineListCommand.self, QuarantineShowCommand.self, QuarantineRetryCommand.self],
    defaultSubcommand: QuarantineListCommand.self)
}

struct QuarantineListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the refused messages of each machine, with reasons and remedies.",
    discussion: """
      Example:
        millwright quarantine list --factory F001 --equipment E17 --lang zh
      """)

  @OptionGroup var refused: RefusedOptions

  @Option(name: .long, help: "Maximum number of machines and reasons to list.")
  var limit = 20

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let settings = try storeOptions.settings()
    let wanted = try refused.wantedReason()
    let subject = try refused.subject()
    let groups = try QuarantineReader(settings.storeDirectory).groups(
      factory: subject.factory, equipment: subject.equipment, reason: wanted)
    let text = QuarantineText(language: languageOptions.language, calendar: settings.district.calendar)
    if groups.isEmpty, let unknown = try text.unknown(subject, in: settings.storeDirectory) {
      throw CommandFailure(.noInput, unknown)
    }
    print(text.list(groups, limit: max(0, limit)), terminator: "")
    if let offer = Self.offer(in: settings.storeDirectory), offer > 0 {
      print("\n" + RetryText(languageOptions.language).offer(offer))
    }
  }

  /// Number of refused messages that a running collector could read since its sources changed; nil if there is none.
  private static func offer(in directory: StoreDirectory) -> Int? {
    guard
      let judgement = try? StatusJudgement(
        of: directory.statusPlace(of: .embedded), now: InstantArgument.now),
      judgement.process != nil
    else { return nil }
    return judgement.status?.messages.readable
  }
}

/// Whose refused messages are listed: everybody's, one factory's or one machine's.
struct QuarantineSubject {
  /// nil for all factories.
  var factory: String?
  /// nil for all equipment of the factory.
  var equipment: String?
}

struct QuarantineShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one refused message in full, as stored in the journal.",
    discussion: """
      Example:
        millwright quarantine show 17/3
      """)

  @Argument(help: "BLOCK/RECORD as 'quarantine list' prints it.")
  var place: String

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let parts = place.split(separator: "/").map { Int64($0) }
    guard parts.count == 2, let block = parts[0], let record = parts[1] else {
      throw CommandFailure(.usage, "'\(place.inert)' is not BLOCK/RECORD")
    }
    let settings = try storeOptions.settings()
    let quarantine = try QuarantineReader(settings.storeDirectory)
    guard let (message, payload) = try quarantine.message(block: block, record: Int(clamping: record)) else {
      throw CommandFailure(
        .noInput, "no refused message \(place.inert), or the journal no longer has it")
    }
    let text = QuarantineText(language: languageOptions.language, calendar: settings.district.calendar)
    print(text.show(message, payload: payload), terminator: "")
  }
}

/// Text of the quarantine commands, in one language.
struct QuarantineText {
  private let language: Language
  private let terms: Terms
  private let remedies: Remedies
  private let calendar: LocalCalendar

  init(language: Language, calendar: LocalCalendar) {
    self.language = language
    self.calendar = calendar
    terms = Terms(language)
    remedies = Remedies(language)
  }

  private func pick(_ english: String, _ chinese: String) -> String {
    language == .chinese ? chinese : english
  }

  /// Totals by reason, and then the faults of each machine.
  func list(_ groups: [SenderRefusal], limit: Int) -> String {
    let total = groups.reduce(0) { $0 + $1.refusal.messages }
    var lines = [
      pick("\(total) \(total == 1 ? "message" : "messages") in quarantine", "拒收消息共 \(total) 条")
    ]
    for reason in RejectionReason.allCases {
      let messages = groups.reduce(0) { $0 + ($1.refusal.reason == reason ? $1.refusal.messages : 0) }
      if messages > 0 { lines.append("\(reason.name.padded(to: 20))\(messages)  \(terms.name(reason))") }
    }
    for group in groups.prefix(limit) { lines += [""] + describe(group) }
    if groups.count > limit {
      let left = groups.count - limit
      lines += [
        "",
        pick(
          "and \(left) more: see --limit, --factory, --reason", "另有 \(left) 项：见 --limit、--factory、--reason"),
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A sentence that nobody knows `subject`, neither the register nor a sender, with the nearest id of the register;
  /// nil if somebody does.
  func unknown(_ subject: QuarantineSubject, in directory: StoreDirectory) throws -> String? {
    guard let factory = subject.factory else { return nil }
    let register = try RegisterStore.open(directory: directory.path, readOnly: true)
    let refused = try QuarantineReader(directory).groups(factory: factory, equipment: subject.equipment)
    guard refused.isEmpty else { return nil }
    let heard = try ViewsReader(directory).snapshot { try $0.senders(of: .one(factory)).senders.map(\.key) }
    guard let equipment = subject.equipment else {
      let factories = try register.factoryIDs()
      guard heard.isEmpty, !factories.contains(factory) else { return nil }
      return unknown(pick("factory", "企业"), factory, among: factories.sorted())
    }
    let keys = try register.keys().filter { $0.factory == factory }
    let key = EquipmentKey(factory: factory, equipment: equipment)
    guard !heard.contains(key), !keys.contains(key) else { return nil }
    return unknown(pick("equipment", "设备"), "\(key)", among: keys.map(\.description).sorted())
  }

  private func unknown(_ kind: String, _ id: String, among candidates: [String]) -> String {
    let nearest = Suggestion.nearest(to: id, among: candidates)
    return
      (pick(
        "no \(kind) '\(id)' in the register, and no sender of that name was heard",
        "台账中没有\(kind)“\(id)”，也未收到过其消息")
      + (nearest.map { pick(" (did you mean '\($0)'?)", "（是否应为“\($0)”？）") } ?? "")).inert
  }

  private func describe(_ group: SenderRefusal) -> [String] {
    let refusal = group.refusal
    let ids = [group.key.factory, group.key.equipment].filter { !$0.isEmpty }.joined(separator: "/")
    let name = ids.isEmpty ? pick("(unknown sender)", "（来源不明）") : ids.inert
    let why =
      refusal.detail.isEmpty
      ? refusal.reason.name : "\(refusal.reason.name) (\(RejectionDetail.shown(refusal.detail)))"
    let newest = calendar.second(refusal.newest)
    var lines = [
      "\(name)  \(why)  × \(refusal.messages)  \(pick("newest", "最近")) \(newest)",
      "  \(remedies.problem(refusal))", "  → \(remedies.remedy(refusal))",
    ]
    if let place = refusal.place {
      lines.append("  millwright quarantine show \(place.block)/\(place.record)")
    }
    return lines
  }

  /// One message with its reason and remedy.
  func show(_ message: Quarantined, payload: [UInt8]) -> String {
    let time = message.received.rfc3339(offset: calendar.offset(at: message.received))
    let detail = message.detail.isEmpty ? "" : " (\(RejectionDetail.shown(message.detail)))"
    let refusal = Refusal(
      message.reason, message.detail, message.fault, messages: message.messages, newest: message.received,
      excerpt: message.excerpt)
    let fields: [(english: String, chinese: String, value: String)] = [
      ("received", "接收时间", time), ("reason", "原因", message.reason.name + detail),
      ("problem", "问题", remedies.problem(refusal)), ("remedy", "处理办法", remedies.remedy(refusal)),
      ("topic", "主题", String(decoding: message.topic, as: UTF8.self).inert),
      ("payload", "报文", pick("\(message.payloadBytes) bytes", "\(message.payloadBytes) 字节")),
    ]
    let lines = fields.map { pick($0.english.padded(to: 10), $0.chinese + "：") + $0.value }
    return (lines + [String(decoding: payload, as: UTF8.self).inert]).joined(separator: "\n") + "\n"
  }
}
