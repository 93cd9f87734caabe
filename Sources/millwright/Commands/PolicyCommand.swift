import Aggregation
import ArgumentParser
import Configuration
import Reporting
import Telemetry

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "List and show policies: thresholds against which reports are checked.",
    subcommands: [PolicyListCommand.self, PolicyShowCommand.self])
}

struct PolicyListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the policies available to --policy.")

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let file = try store.configurationFile()
    let rows = try PolicyFile.names(besides: file).map { name in
      let policy = try PolicyFile.named(name, besides: file, asked: "policy list")
      return [
        name, policy.date.description,
        (output.language == .chinese ? policy.titleChinese : policy.titleEnglish).inert,
      ]
    }
    print(
      rows.isEmpty
        ? (output.language == .chinese ? "未找到政策文件" : "No policy was found.")
        : RegisterSupport.table(rows).joined(separator: "\n"))
  }
}

struct PolicyShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one policy: its thresholds and their source.",
    discussion: """
      Example:
        millwright policy show full-coverage
      """)

  @Argument(help: "The policy's name, or a file.")
  var name: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let policy = try PolicyFile.named(
      name, besides: try store.configurationFile(), asked: "policy show")
    let terms = Terms(output.language)
    let isChinese = output.language == .chinese
    var rows = [
      [isChinese ? policy.titleChinese.inert : policy.titleEnglish.inert, policy.date.description],
      [
        (isChinese ? policy.issuingBodyChinese : policy.issuingBodyEnglish).inert,
        terms.text(policy.origin).inert,
      ],
    ]
    if policy.validFrom != nil || policy.validUntil != nil {
      let (from, until) = (policy.validFrom?.description ?? "…", policy.validUntil?.description ?? "…")
      rows.append([isChinese ? "有效期" : "In force", isChinese ? "\(from) 至 \(until)" : "\(from) to \(until)"])
    }
    func row(_ metric: Metric, _ step: String, _ numbers: String, _ origin: Policy.Origin?) -> [String] {
      let base = isChinese ? "基数：\(terms.name(metric.base))" : "of \(terms.name(metric.base))"
      return [terms.name(metric) + step, numbers, base, terms.text(origin ?? policy.origin).inert]
    }
    for rule in policy.rules {
      rows.append(row(rule.metric, "", "≥ \(Thousandths.text(rule.atLeast)) %", rule.origin))
    }
    for band in policy.bands {
      let points = band.points.map { Thousandths.text($0) }
      let score = points.map { isChinese ? "，\($0) 分" : ", \($0) points" } ?? ""
      rows.append(
        row(
          band.metric, (isChinese ? "，等级 " : ", level ") + band.name.inert, "\(band.interval) %\(score)",
          band.origin))
    }
    rows.append([(isChinese ? policy.noteChinese : policy.noteEnglish).inert])
    print(RegisterSupport.table(rows).joined(separator: "\n"))
  }
}
