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
    let list = NamedFileList(
      names: PolicyFile.names(besides: file), language: output.language,
      none: ("No policy was found.", "未找到政策文件。"))
    try list.show { name in
      let policy = try PolicyFile.named(name, besides: file, asked: "policy list")
      let title = output.language == .chinese ? policy.titleChinese : policy.titleEnglish
      return (policy.date, title.inert)
    }
  }
}

struct PolicyShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one policy: its thresholds and their source.",
    discussion: """
      Example:
        millwright policy show full-coverage
      """)

  @Argument(help: "The policy's name, or a file.", completion: Completions.policies)
  var name: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: LanguageOptions

  func run() throws {
    let policy = try PolicyFile.named(
      name, besides: try store.configurationFile(), asked: "policy show")
    let terms = Terms(output.language)
    func pick(_ english: String, _ chinese: String) -> String {
      output.language == .chinese ? chinese : english
    }
    print(pick(policy.titleEnglish, policy.titleChinese).inert)
    var head = [
      [pick("Issued by", "发布"), pick(policy.issuingBodyEnglish, policy.issuingBodyChinese).inert],
      [pick("Source", "来源"), terms.text(policy.origin).inert],
      [pick("Retrieved", "摘录日期"), policy.date.description],
    ]
    if policy.validFrom != nil || policy.validUntil != nil {
      let (from, until) = (policy.validFrom?.description ?? "…", policy.validUntil?.description ?? "…")
      head.append([pick("In force", "有效期"), pick("\(from) to \(until)", "\(from) 至 \(until)")])
    }
    print(RegisterSupport.table(head).joined(separator: "\n"))
    func row(_ metric: Metric, _ step: String, _ numbers: String, _ origin: Policy.Origin?) -> [String] {
      let base = terms.name(metric.base)
      // Without a source of its own, a number comes from the policy's, above.
      return [
        terms.name(metric) + step, numbers, pick("of \(base)", "基数：\(base)"),
        origin.map { terms.text($0).inert } ?? "",
      ]
    }
    let rules = policy.rules.map { row($0.metric, "", "≥ \(Thousandths.text($0.atLeast)) %", $0.origin) }
    let bands = policy.bands.map { band in
      let points = band.points.map { Thousandths.text($0) }
      return row(
        band.metric, pick(", level ", "，等级 ") + band.name.inert,
        "\(band.interval) %" + (points.map { pick(", \($0) points", "，\($0) 分") } ?? ""), band.origin)
    }
    print("\n" + RegisterSupport.table(rules + bands).joined(separator: "\n"))
    print("\n" + pick(policy.noteEnglish, policy.noteChinese).inert)
  }
}
