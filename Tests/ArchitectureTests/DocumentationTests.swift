import Foundation
import Testing

/// Both READMEs, and the words of reports, help texts and READMEs.
@Suite("Documentation") struct DocumentationTests {
  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Imports.top.appendingPathComponent(path), encoding: .utf8)
  }

  /// The structure of a page: headings by level, links, rows of tables by their number of columns, and code blocks
  /// with their commands; comments, quoted input and placeholders of commands are left out.
  private static func structure(_ page: String) -> [String] {
    var found: [String] = []
    var block: Substring?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        found.append("code \(line.dropFirst(3))")
        block = block == nil ? line.dropFirst(3) : nil
      } else if let language = block {
        guard language == "sh" else { continue }
        let command = line.replacing(#/\s+#.*$/#, with: "").replacing(#/<<<'[^']*'/#, with: "<<<''")
          .replacing(#/<[^<>]*>/#, with: "<>").replacing(#/ --lang zh$/#, with: "")
        found.append("command \(command)")
      } else {
        if let heading = line.firstMatch(of: #/^(\#+) /#) {
          found.append("heading \(heading.output.1.count)")
        }
        if line.hasPrefix("|") { found.append("row \(line.count { $0 == "|" })") }
        found += line.matches(of: #/\]\(([^)]*)\)/#).map { "link \($0.output.1)" }
      }
    }
    return found
  }

  @Test(
    "README.zh.md has the sections, tables, links and commands of README.md in the same order",
    arguments: [("", 10), ("Config/policies/", 1), ("Config/register/", 3)])
  func readmes(folder: String, headings: Int) throws {
    let english = Self.structure(try Self.text(folder + "README.md"))
    let chinese = Self.structure(try Self.text(folder + "README.zh.md"))
    // Each page links to the other at its top, and to pages in its own language.
    #expect(english.first { $0.hasPrefix("link") } == "link README.zh.md")
    #expect(chinese.first { $0.hasPrefix("link") } == "link README.md")
    #expect(english.count { $0.hasPrefix("heading") } == headings)
    #expect(chinese.count == english.count)
    let same = { (found: String) in found.replacing("README.zh.md", with: "README.md") }
    for (a, b) in zip(english, chinese) where same(a) != same(b) {
      Issue.record("'\(a)' is '\(b)' in \(folder)README.zh.md")
    }
  }

  @Test("A section, a link, a row or a command that only one page has is found") func differences() {
    let page = "# A\n[b](c)\n| d | e |\n```sh\nrun 'x' # now\n```\n"
    #expect(
      Self.structure(page) == ["heading 1", "link c", "row 3", "code sh", "command run 'x'", "code "])
    for other in [
      "## A\n[b](c)\n| d | e |\n```sh\nrun 'x'\n```\n", "# A\n[b](f)\n| d | e |\n```sh\nrun 'x'\n```\n",
      "# A\n[b](c)\n| d |\n```sh\nrun 'x'\n```\n", "# A\n[b](c)\n| d | e |\n```sh\nrun 'y'\n```\n",
    ] {
      #expect(Self.structure(other) != Self.structure(page))
    }
    #expect(Self.structure("# 甲\n[乙](c)\n| 丙 | 丁 |\n```sh\nrun 'x'  # 现在\n```\n") == Self.structure(page))
  }

  /// Words that were replaced, since users misread them.
  private static let replaced = [
    // English.
    "do all the set-up", "runs the main job", "no other program", "The way of the data", "What you see",
    "Where the equipment stands", "\"Standing\"", "vouches for it now", "Claims to look at",
    "Connected least", "at the time of another", "Equal times", "Meters that fell", "Taken down",
    "taken down on", "all equipment added up", "not digital either", "though digital", "does not name a ",
    "stands below no", "cannot be made: The", "operation could not be completed",
    // Chinese.
    "数据可信 ", "会话在线", "近期无数据", "在线会话", "不再作数", "按序号缺失", "与他条同时", "表计回落", "时间超前", "身份不符",
    "发送方", "从无数据", "冒充谁", "谁在说话", "杀掉", "写满磁盘也好", "正杀在", "包办", "不作承诺", "尚未提供", "悄悄",
  ]

  /// The files whose texts users read, by path.
  private static func readTexts() throws -> [(path: String, text: String)] {
    var files = ["README.md", "README.zh.md"]
    for folder in [
      "Sources/Reporting", "Sources/millwright", "Sources/Daemon", "Sources/Configuration",
      "Sources/Register", "Sources/Ledgers", "Sources/Access", "Sources/Web",
      "Config",
    ] {
      let names = try FileManager.default.subpathsOfDirectory(
        atPath: Imports.top.appendingPathComponent(folder).path)
      files += names.filter { name in [".swift", ".yaml", ".json"].contains { name.hasSuffix($0) } }
        .map { "\(folder)/\($0)" }
    }
    #expect(files.count > 100)
    return try files.map { ($0, try text($0)) }
  }

  @Test("Reports, help texts, configuration and READMEs have none of the replaced words") func words() throws
  {
    for (path, text) in try Self.readTexts() {
      for word in Self.replaced { #expect(!text.hasBytes(of: word), "\(path) has '\(word)'") }
    }
  }

  @Test("In Chinese a broker is 消息代理, with the English word after it in parentheses only") func broker()
    throws
  {
    for (path, text) in try Self.readTexts() {
      // Texts of Swift between quotes, without what is filled in; lines of the README outside of code.
      var texts: [String] = []
      if path.hasSuffix(".swift") {
        texts = Self.literals(text).map { $0.replacing(#/\\\([^)]*\)/#, with: "") }
      } else if path == "README.zh.md" {
        texts = Self.prose(text)
      }
      for one in texts where one.contains(#/[\u{4E00}-\u{9FFF}]/#) {
        // Nested code that fills in a value may remain; it names a member.
        let rest = one.replacing("消息代理（broker）", with: "").replacing("broker.", with: "")
        #expect(!rest.contains("broker"), "\(path): \(one)")
      }
    }
  }

  @Test("README.zh.md has a space between Chinese and other letters") func spaces() throws {
    for line in Self.prose(try Self.text("README.zh.md")) {
      if let place = line.firstMatch(of: #/[\u{4E00}-\u{9FFF}][A-Za-z0-9]|[A-Za-z0-9][\u{4E00}-\u{9FFF}]/#) {
        Issue.record("'\(place.output)' in: \(line)")
      }
    }
  }

  @Test("Chinese texts have no space between two Chinese words") func strayChineseSpaces() throws {
    let pattern = #/[\u{4E00}-\u{9FFF}，。；：、（）“”] +[\u{4E00}-\u{9FFF}，。；：、（）“”]/#
    for (path, text) in try Self.readTexts() {
      var texts: [String] = []
      if path.hasSuffix(".swift") {
        texts = Self.literals(text)
      } else if path == "README.zh.md" {
        texts = Self.prose(text)
      }
      for one in texts {
        // The form of a line, as a user types it.
        guard let found = one.replacing("“主题 报文”", with: "").firstMatch(of: pattern) else { continue }
        Issue.record("'\(found.output)' in \(path): \(one)")
      }
    }
  }

  /// Texts between quotes in the lines of Swift that have Chinese characters.
  private static func literals(_ text: String) -> [String] {
    text.wideLines.flatMap { $0.matches(of: #/"([^"\n]*)"/#).map { String($0.output.1) } }
  }

  /// Lines outside of code blocks, without inline code and targets of links.
  private static func prose(_ page: String) -> [String] {
    var isCode = false
    return page.split(separator: "\n").compactMap { line -> String? in
      if line.hasPrefix("```") { isCode.toggle() }
      guard !isCode, !line.hasPrefix("```") else { return nil }
      return String(line).replacing(#/`[^`]*`/#, with: "`").replacing(#/\]\([^)]*\)/#, with: "]")
    }
  }
}
