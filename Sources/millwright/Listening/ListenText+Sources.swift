import Decoding
import Listening
import Reporting
import Telemetry

/// Sources to add and the draft of a configuration.
extension ListenText {
  /// Maximum number of lines of a naming file that a proposal shows.
  private static var mostNames: Int { 4 }

  /// The sources to add, each with the results of its decoder.
  var sourcesToAdd: [String] {
    guard !survey.proposals.isEmpty else { return [] }
    var lines = ["", say("SOURCES TO ADD below 'sources:' in the configuration", "可添加到配置 sources: 下的数据来源")]
    for (number, proposal) in survey.proposals.enumerated() {
      let topics = topics(of: number)
      lines += ["", "\(number + 1)  \(summary(proposal, topics))"]
      lines += proposal.lines { note($0) }
      lines += result(proposal).map { "    " + $0 }
      lines += namingExcerpt(proposal.names).map { "    " + $0 }
    }
    return lines
  }

  /// The lines of a naming file for names, below its headings; none without names. Names with characters that a
  /// terminal or an editor would not show are left out.
  func namingLines(_ names: [Naming.Entry]) -> [String] {
    let lines = names.map(\.csv).filter { $0 == $0.inert }
    return lines.isEmpty ? [] : [Naming.headings] + lines
  }

  /// The first lines of a naming file for names, and the number of the other names.
  private func namingExcerpt(_ names: [Naming.Entry]) -> [String] {
    let lines = Array(namingLines(names).prefix(1 + Self.mostNames))
    guard !lines.isEmpty else { return [] }
    let more = names.count - (lines.count - 1)
    return lines + (more > 0 ? [say("… and \(more.counted("more name"))", "……另有 \(more) 个名称")] : [])
  }

  /// The topics that a proposal would read; if it reads none, those in which a name is not an id.
  func topics(of number: Int) -> [Survey.Topic] {
    let read = survey.topics.filter { $0.proposal == number }
    return read.isEmpty ? survey.topics.filter { proposalBesideNames($0) == number } : read
  }

  /// The proposal that would read a topic if the naming gave its names ids; nil if there is none.
  func proposalBesideNames(_ topic: Survey.Topic) -> Int? {
    guard topic.proposal == nil, let miss = topic.nearMiss, case .notAnID = miss.difference else {
      return nil
    }
    return survey.proposals.firstIndex { $0.source.template.description == miss.template }
  }

  func summary(_ proposal: Proposal, _ topics: [Survey.Topic]) -> String {
    let messages = topics.reduce(0) { $0 + $1.messages }
    return say(
      "\(name(proposal.form)): \(topics.count.counted("topic")), \(messages.counted("message"))",
      "\(name(proposal.form))：\(topics.count) 个主题，\(messages) 条消息")
  }

  /// The events of the samples by a proposal.
  private func result(_ proposal: Proposal) -> [String] {
    var lines = proposal.events.prefix(4).map { "→ " + describe($0) }
    let more = proposal.equipmentCount - lines.count
    if more > 0 { lines.append(say("→ and \(more) more machines", "→ 另有 \(more) 台设备")) }
    if !proposal.isFit, !proposal.notes.contains(.noBirth) {
      lines.append(say("✗ reads nothing before it is edited", "✗ 修改之前读不到数据"))
    }
    lines += proposal.refusals.prefix(2).map { refusal in
      let detail = refusal.detail.isEmpty ? "" : " (\(RejectionDetail.shown(refusal.detail).inert))"
      let problem = problem(refusal)
      return say(
        "✗ some refused, \(refusal.reason.name)\(detail): \(problem)",
        "✗ 部分拒收，\(refusal.reason.name)\(detail)：\(problem)")
    }
    return lines
  }

  /// The comment for a note, without line ends.
  func note(_ note: Proposal.Note) -> String {
    let (english, chinese) = note.wording
    return say(english, chinese).inert
  }

  // MARK: The draft

  var nothingToDraft: String {
    say(
      "nothing to draft: no message was heard that a source could read", "无法生成配置草稿：没有数据来源可读取的消息")
  }

  func written(_ path: String, edits: Int) -> String {
    say(
      "draft written to \(path.inert): \(edits.counted("comment")) in it to check or edit",
      "配置草稿已写入 \(path.inert)：其中 \(edits) 处注释需核对或修改")
  }
}
