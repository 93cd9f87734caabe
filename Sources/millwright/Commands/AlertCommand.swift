import Alerts
import ArgumentParser
import Configuration
import Reporting
import Telemetry

struct AlertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alert",
    abstract: "List alerts, test the receivers of their messages, and silence rules.",
    discussion: """
      'millwright serve' evaluates the rules of alerts.rules_file every minute. Config/alerts.yaml describes the rules.
      """,
    subcommands: [AlertListCommand.self, AlertTestCommand.self, AlertSilenceCommand.self],
    defaultSubcommand: AlertListCommand.self)
}

struct AlertListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the alerts that last and those that ended lately, with messages that were not delivered.",
    discussion: """
      Examples:
        millwright alert list
        millwright alert list --days 30 --format json
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Option(name: .long, help: "text, or json for programs.")
  var format = Format.text

  @Option(name: .long, help: "Number of days for which alerts that ended are listed.")
  var days = Int(AlertList.recentDays)

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func validate() throws {
    guard (0...400).contains(days) else {
      throw ValidationError(
        CommandWording.ofCommandLine("--days must be from 0 to 400", "--days 应为 0 至 400"))
    }
  }

  func run() throws {
    let settings = try storeOptions.settings()
    let now = InstantArgument.now
    let book = try AlertBook(reading: settings.alerts.stateFile)
    var list = try book.map { try AlertList($0, days: Int64(days), at: now) } ?? AlertList()
    do throws(SettingsErrors) { _ = try settings.alertRules() } catch { list.ruleProblems = error.problems }
    switch format {
    case .json: print(list.json(settings.district.calendar))
    case .text:
      let text = AlertListText(
        language: languageOptions.language, calendar: settings.district.calendar,
        hasRules: settings.alerts.rulesFile != nil, wasEvaluated: book != nil)
      print(text.lines(list, days: days).joined(separator: "\n"))
    }
  }
}

struct AlertTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Send a test message to a receiver and print its answer.",
    discussion: """
      The message says that it is a test. Exit 69 if the receiver does not take it.

      Example:
        millwright alert test duty-wecom
      """)

  @Argument(help: "Name of a receiver in the rules file.", completion: Completions.alertReceivers)
  var receiver: String

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let settings = try storeOptions.settings()
    let say = CommandWording(language: languageOptions.language)
    let rules = try AlertSupport.rules(settings, say)
    guard let found = rules.receiver(receiver) else {
      throw CommandFailure(
        .noInput,
        AlertSupport.unknown(receiver, among: rules.receivers.map(\.name), say("receiver", "接收方"), say))
    }
    let now = InstantArgument.now
    let message = AlertMessages(settings).test(of: found.name, at: now)
    switch AlertSender(settings).send(message, to: found, at: now) {
    case .delivered(let answer):
      print(
        say(
          "\(found.name) has taken the test message; it answered: \(answer)",
          "\(found.name) 已接收测试消息，应答：\(answer)"))
    case .failed(let failure):
      throw CommandFailure(
        .unavailable,
        say(
          "\(found.name) has not taken the test message: \(failure.english)",
          "\(found.name) 未接收测试消息：\(failure.chinese)"))
    }
  }
}

struct AlertSilenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "silence",
    abstract: "Mute a rule, or one alert, for some time.",
    discussion: """
      A silenced rule raises no alert, and its time does not count. A silenced alert is not repeated. An alert that is over \
      is resolved all the same.

      Examples:
        millwright alert silence factory-silent --for 4h --reason "power works"
        millwright alert silence 3f2a90c1b7de --until 2026-12-02 --reason "known, spare part ordered"
      """)

  @Argument(help: "Name of a rule, or id of an alert.", completion: Completions.alertRules)
  var target: String

  @Option(name: .customLong("for"), help: "How long, such as 30m, 4h or 2d; at most 31d.")
  var duration: String?

  @Option(name: .long, help: "Until when: a day, which means its end, or an instant (RFC 3339).")
  var until: String?

  @Option(name: .long, help: "Why: a text for others.")
  var reason: String

  @OptionGroup var languageOptions: LanguageOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let settings = try storeOptions.settings()
    let say = CommandWording(language: languageOptions.language)
    let rules = try AlertSupport.rules(settings, say)
    let now = InstantArgument.now
    let end = try end(now, settings.district.calendar, say)
    guard (1...500).contains(reason.utf8.count) else {
      throw CommandFailure(
        .usage, say("--reason must have 1 to 500 bytes", "--reason 应为 1 至 500 字节的文本"))
    }
    let book = try AlertBook(path: settings.alerts.stateFile)
    guard try rules.rule(target) != nil || book.hasAlert(target) else {
      throw CommandFailure(
        .noInput,
        AlertSupport.unknown(
          target, among: rules.rules.map(\.name), say("rule or alert", "规则或告警"), say))
    }
    try book.silence(target, from: now, until: end, reason: reason)
    let moment = settings.district.calendar.minute(end)
    print(say("\(target) is silenced until \(moment).", "\(target) 已静默至 \(moment)。"))
  }

  private func end(_ now: Timestamp, _ calendar: LocalCalendar, _ say: CommandWording) throws -> Timestamp {
    let end: Timestamp
    switch (duration, until) {
    case (let text?, nil):
      guard let span = Units.span(text), span > .zero else {
        throw CommandFailure(
          .usage,
          say(
            "--for: '\(text.inert)' is no duration, such as 30m, 4h or 2d",
            "--for：“\(text.inert)”不是时长，如 30m、4h、2d"))
      }
      end = now + min(span, .days(32))
    case (nil, let text?): end = try InstantArgument.parse(text, option: "--until", calendar: calendar)
    default:
      throw CommandFailure(
        .usage, say("give either --for or --until", "请在 --for 和 --until 中指定一项"))
    }
    guard end > now, end <= now + .days(31) else {
      throw CommandFailure(
        .usage, say("a silence ends within the next 31 days", "静默的结束时间应在今后 31 天之内"))
    }
    return end
  }
}

/// Functions that the alert commands share.
enum AlertSupport {
  /// The rules of the configuration.
  static func rules(_ settings: Settings, _ say: CommandWording) throws -> AlertRules {
    guard let rules = try settings.alertRules() else {
      throw CommandFailure(
        .configuration,
        say(
          "\(settings.file): alerts.rules_file is not set, so there are no alerts: name a file such as alerts.yaml",
          "\(settings.file)：未设置 alerts.rules_file，没有告警规则：请填写规则文件，如 alerts.yaml"))
    }
    return rules
  }

  /// The message that nothing has a name.
  static func unknown(
    _ name: String, among names: [String], _ kind: String, _ say: CommandWording
  ) -> String {
    let all = names.isEmpty ? say("none", "无") : names.joined(separator: say(", ", "、"))
    return say(
      "there is no \(kind) '\(name.inert)'\(Suggestion.phrase(for: name, among: names)); those there are: \(all)",
      "没有名为“\(name.inert)”的\(kind)；可用：\(all)")
  }
}
