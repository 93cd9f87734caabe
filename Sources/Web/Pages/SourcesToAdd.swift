import Listening
import Reporting

/// Why a topic is not read, and what to publish or to configure instead.
struct UnreadWords {
  private let terms: Terms

  init(_ terms: Terms) { self.terms = terms }

  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  /// The fault, and the remedy below it.
  ///
  /// - Parameter isConfigured: whether a source has the topic already, and only lacks an id for a name in it.
  func write(_ advice: UnreadTopics.Advice, isConfigured: Bool, _ cell: inout Markup) {
    cell.element("span", [("class", "state refused")], text: problem(advice.miss))
    cell.element("p", [("class", "faint")]) { line in
      var isFirst = true
      if let miss = advice.miss {
        write(miss, &line)
        isFirst = false
      }
      if let place = advice.proposal, isConfigured {
        line.add(pick(": ", "："))
        line.element("a", [("href", "#" + SourcesToAdd.id(place))], text: pick("lines for it", "可加入的内容"))
      } else if let place = advice.proposal {
        if !isFirst { line.add(pick("; or paste ", "；或将")) } else { line.add(pick("Paste ", "请将")) }
        line.element("a", [("href", "#" + SourcesToAdd.id(place))], text: SourcesToAdd.name(place, terms))
        line.add(pick(" into the configuration.", "加入配置。"))
      } else {
        line.add(
          isFirst
            ? pick(
              "Neither topic nor payload names a machine in a form that is known.", "主题和报文均无可识别的设备编号。")
            : pick(".", "。"))
      }
    }
  }

  /// `No source reads this topic: the topic begins with a slash, unlike …`.
  func problem(_ miss: NearMiss?) -> String {
    guard let miss else { return pick("No source reads this topic", "没有数据来源包含该主题") }
    return pick("Not read: ", "未读取：") + pick(miss.wording.english, miss.wording.chinese).inert
  }

  private func write(_ miss: NearMiss, _ line: inout Markup) {
    if case .notAnID = miss.difference {
      line.add(
        pick(
          "Publish the id of the register there, or give the name an id in the file of 'naming'",
          "请在该处使用台账编号，或在 naming 指定的文件中为该名称写明编号"))
    } else {
      line.add(pick("Publish on ", "请改为发布到 "))
      line.element("code", text: miss.suggestion.inert)
    }
  }
}

/// Sources to paste into the configuration, for topics that no source reads.
struct SourcesToAdd {
  private let unread: UnreadTopics
  private let terms: Terms

  init(_ unread: UnreadTopics, _ terms: Terms) {
    self.unread = unread
    self.terms = terms
  }

  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  /// The id of a source's element, by its place.
  static func id(_ place: Int) -> String { "source-\(place + 1)" }

  /// The name of a source, by its place.
  static func name(_ place: Int, _ terms: Terms) -> String {
    terms.pick("source \(place + 1)", "数据来源 \(place + 1)")
  }

  /// The section; nothing without a source.
  func write(to main: inout Markup) {
    guard !unread.proposals.isEmpty else { return }
    main.element("section", [("class", "paste"), ("aria-labelledby", "paste")]) { part in
      part.element(
        "h2", [("id", "paste")], text: pick("To paste into the configuration", "可加入配置的数据来源"))
      part.element("p") { text in
        text.add(pick("Messages on some topics are kept and not counted. ", "部分主题的消息已保存但未计入。"))
        if unread.configured.count < unread.proposals.count {
          text.add(pick("Add lines below ", "请将以下内容加到配置的 "))
          text.element("code", text: "sources:")
          text.add(pick(" and edit what a comment asks for. ", " 之下，并按注释修改。"))
        }
        text.add(pick("Then read the earlier messages again: ", "修改后重新读取此前的消息："))
        text.element("code", text: "millwright quarantine retry")
      }
      for (place, proposal) in unread.proposals.enumerated() { write(proposal, place, &part) }
    }
    main.newLine()
  }

  private func write(_ proposal: Proposal, _ place: Int, _ part: inout Markup) {
    let topics = unread.advice.values.count { $0.proposal == place }
    part.element("h3", [("id", Self.id(place))]) { heading in
      heading.add(Self.title(place, terms))
      heading.element(
        "small",
        text: " " + proposal.form.name + pick(", ", "，")
          + pick(terms.many(topics, "topic", "topics", ""), "\(terms.number(topics)) 个主题"))
    }
    let isConfigured = unread.configured.contains(place)
    if !isConfigured {
      part.element("pre", [("tabindex", "0")]) {
        $0.element("code", text: Self.lines(of: proposal, terms).joined(separator: "\n"))
      }
    }
    let names = Self.naming(of: proposal)
    guard !names.isEmpty else { return }
    part.element("p") { text in
      text.add(
        isConfigured
          ? pick("This source is configured. Add to the file of ", "该数据来源已配置。请加入 ")
          : pick("and into the file of ", "并加入 "))
      text.element("code", text: "naming:")
      text.add(pick(", with ids of the register:", " 指定的文件，写明台账编号："))
    }
    part.element("pre", [("tabindex", "0")]) { $0.element("code", text: names.joined(separator: "\n")) }
  }

  private static func title(_ place: Int, _ terms: Terms) -> String {
    terms.pick("Source \(place + 1)", "数据来源 \(place + 1)")
  }

  /// The lines of a source below `sources:`, with comments in the page's language.
  static func lines(of proposal: Proposal, _ terms: Terms) -> [String] {
    proposal.lines { terms.pick($0.wording.english, $0.wording.chinese) }.map(\.inert)
  }

  /// The lines of a naming file. Names with characters that an editor would not show are left out.
  static func naming(of proposal: Proposal) -> [String] {
    let lines = proposal.namingLines.filter { $0 == $0.inert }
    return lines.count > 1 ? lines : []
  }
}
