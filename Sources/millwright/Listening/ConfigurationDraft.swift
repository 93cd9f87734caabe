import Configuration
import Decoding
import Foundation
import Listening

/// A configuration drafted from what was heard.
struct ConfigurationDraft {
  /// The file's content.
  let text: String
  /// Number of comments that ask to check or edit something.
  let edits: Int

  /// A draft; nil if there is no source for it.
  init?(_ survey: Survey, _ site: ListeningSite, _ words: ListenText) {
    let present = Self.present(survey, site)
    let taken = survey.proposals.indices.filter { survey.proposals[$0].isTaken }
    guard !present.isEmpty || !taken.isEmpty else { return nil }
    var lines = Self.head(survey, site, words)
    lines += Self.naming(taken.flatMap { survey.proposals[$0].names }, site, words)
    lines.append("sources:")
    var edits = 0
    var hasFactory = false
    lines += present.flatMap { Self.lines($0, site.settings.sparkplug) }
    for (number, proposal) in survey.proposals.enumerated() {
      let topics = words.topics(of: number)
      lines.append("  # \(words.summary(proposal, topics))")
      for event in proposal.events.prefix(3) { lines.append("  #   → \(words.describe(event))") }
      edits += proposal.notes.count
      if proposal.isTaken {
        lines += Self.withFactory(proposal, words, &hasFactory)
      } else {
        lines.append(
          words.say(
            "  # It reads nothing yet: edit it, and remove the # before its lines.",
            "  # 尚不能读取：请修改后去掉以下各行前的 #。"))
        lines += proposal.lines { words.note($0) }.map { "  #" + $0.dropFirst(2) }
      }
    }
    text = lines.joined(separator: "\n") + "\n"
    self.edits = edits
  }

  /// The lines of a proposal. The word that stands for an unknown factory is the same in every source, so that one
  /// replacement edits all of them, and each source can be edited or removed without the others.
  private static func withFactory(
    _ proposal: Proposal, _ words: ListenText, _ hasFactory: inout Bool
  ) -> [String] {
    var lines = proposal.lines { words.note($0) }
    guard lines.contains("    factory: \(Proposal.unknownFactory)") else { return lines }
    if hasFactory, let note = lines.firstIndex(of: "    # " + words.note(.factory)) {
      lines[note] = "    # " + words.say("edit: the id of the factory, as above", "请修改：企业编号，同上")
    }
    hasFactory = true
    return lines
  }

  /// The naming file of the present configuration, and the lines to add to it, or those of a new one, as comments.
  private static func naming(
    _ names: [Naming.Entry], _ site: ListeningSite, _ words: ListenText
  ) -> [String] {
    let key = site.settings.naming.map { "naming: \(SourceYAML.flow(SettingsTree(.text($0))))" }
    var known: Set<Naming.Identity> = []
    let distinct = names.filter { known.insert($0.identity).inserted }
    let lines = words.namingLines(distinct)
    let hidden = distinct.count - max(0, lines.count - 1)
    let remark =
      hidden == 0
      ? []
      : [
        words.say(
          "# No line is shown for \(hidden.counted("name")) with invisible characters; publish under other names.",
          "# 有 \(hidden) 个名称含不可见字符，未列出命名文件行；请改用其他名称上报。")
      ]
    guard !lines.isEmpty else { return remark + (key.map { [$0] } ?? []) }
    let remedy =
      key == nil
      ? words.say(
        "# Save the lines below as naming.csv beside this file, without '# ' before them, write the ids of the register in\n"
          + "# their first two columns, and remove the # before 'naming'.",
        "# 请将以下各行去掉 # 后另存为本文件所在目录下的 naming.csv，在前两列填写台账编号，再去掉 naming 前的 #。")
      : words.say(
        "# Add the lines below its headings to the naming file, with the ids of the register in their first two columns.",
        "# 请将表头以下各行添加到命名文件，并在前两列填写台账编号。")
    return [
      words.say(
        "# Names that are not ids, or that several machines have, need a naming file.",
        "# 不符合编号规则或由多台设备共用的名称，须由命名文件对应到台账编号。")
    ] + remark + remedy.split(separator: "\n").map(String.init) + lines.map { "# " + $0 } + [
      key ?? "# naming: naming.csv"
    ]
  }

  /// The present sources: those of a configuration, or those without one that messages were heard for.
  private static func present(_ survey: Survey, _ site: ListeningSite) -> [Source] {
    if site.hasConfiguration { return site.sources }
    return site.sources.enumerated().filter { place, _ in
      survey.topics.contains { $0.source == place }
    }.map(\.element)
  }

  /// A source as an element of `sources`; for one of Sparkplug with the settings of the host application's session.
  private static func lines(_ source: Source, _ host: Settings.Sparkplug?) -> [String] {
    let topic = SettingsTree.Entry("topic", SettingsTree(.text(source.template.description)))
    var entries = [SettingsTree.Entry("format", SettingsTree(.text(source.format.name)))]
    if !source.isSparkplug {
      entries.append(topic)
    } else if let host {
      if let id = host.hostID { entries.append(SettingsTree.Entry("host_id", SettingsTree(.text(id)))) }
      if let timeout = host.reorderTimeout {
        entries.append(SettingsTree.Entry("reorder_timeout", SettingsTree(.text(Units.text(timeout)))))
      }
    }
    if case .other(_, let settings) = source.format,
      case .section(let others)? = try? SettingsText.tree(of: settings).content
    {
      entries += others
    }
    return entries.enumerated().map { index, entry in
      "\(index == 0 ? "  - " : "    ")\(SourceYAML.quoted(entry.key)): \(SourceYAML.flow(entry.value))"
    }
  }

  private static func head(_ survey: Survey, _ site: ListeningSite, _ words: ListenText) -> [String] {
    let settings = site.settings
    func value(_ text: String) -> String { SourceYAML.flow(SettingsTree(.text(text))) }
    var lines = [
      words.say(
        "# Drafted by 'millwright listen' from \(survey.messages.counted("message")) on \(survey.topics.count.counted("topic")).",
        "# 由 millwright listen 根据 \(survey.topics.count) 个主题的 \(survey.messages) 条消息生成的配置草稿。"),
      words.say(
        "# Edit what the comments ask for; Config/millwright.yaml explains every key.",
        "# 请按注释修改；各配置项的说明见 Config/millwright.yaml。"),
      "district:",
      "  id: \(value(settings.district.id))", "  name_zh: \(value(settings.district.nameChinese))",
      "  name_en: \(value(settings.district.nameEnglish))",
      "  timezone: \(value(settings.district.calendar.identifier))",
      "mqtt:", "  host: \(value(settings.mqtt.host))", "  port: \(settings.mqtt.port)",
    ]
    if settings.mqtt.protocolVersion == .v311 { lines.append("  protocol: 3.1.1") }
    if let user = settings.mqtt.username { lines.append("  username: \(value(user))") }
    if let file = settings.mqtt.passwordFile { lines.append("  password_file: \(value(file))") }
    if let tls = settings.mqtt.tls {
      lines += ["  tls:", "    ca_file: \(value(tls.caFile))"]
      if let file = tls.certificateFile { lines.append("    certificate_file: \(value(file))") }
      if let file = tls.keyFile { lines.append("    key_file: \(value(file))") }
    }
    return lines + ["store: sqlite:store"]
  }
}

extension Proposal {
  /// Whether a draft has the source: it reads something, or only the meaning of words or a birth is missing.
  fileprivate var isTaken: Bool {
    isFit
      || notes.contains { note in
        switch note {
        case .unknownWords, .noBirth: true
        default: false
        }
      }
  }
}
