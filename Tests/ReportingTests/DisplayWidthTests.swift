import Foundation
import Reporting
import Testing

struct DisplayWidthTests {
  @Test(
    "a text is as wide as a terminal shows it",
    arguments: [
      ("", 0), ("abc", 3), ("数控车床", 8), ("A数1", 4), ("é", 1), ("e\u{301}", 1), ("ＡＢ", 4), ("ｱ", 1),
      ("한글", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("🏭", 2), ("👩‍🔧", 2), ("👍🏽", 2), ("🇨🇳", 2), ("❤️", 2),
      ("、。（）", 8), ("…", 1), ("─█", 2), ("a\u{200B}b", 2), ("𠮷", 2), ("✓", 1), ("℃", 1), ("☎", 1),
    ])
  func width(text: String, columns: Int) {
    #expect(text.displayWidth == columns)
  }

  @Test func `padding counts columns`() {
    #expect("数".padded(to: 4) == "数  ")
    #expect("数".padded(to: 4, right: true) == "  数")
    #expect("数控".padded(to: 3) == "数控")
  }

  @Test func `a wide character is never cut in half`() {
    #expect("数控车床".truncated(to: 8) == "数控车床")
    #expect("数控车床".truncated(to: 7) == "数控车…")
    #expect("数控车床".truncated(to: 6) == "数控…")
    #expect("abcdef".truncated(to: 5, ellipsis: "...") == "ab...")
    #expect("abcdef".truncated(to: 2, ellipsis: "...") == "")
  }

  @Test func `lines break at spaces, between wide characters, and not before closing punctuation`() {
    #expect("one two three".wrapped(to: 8) == ["one two", "three"])
    #expect("数据有效时限".wrapped(to: 7) == ["数据有", "效时限"])
    #expect("数据有，效".wrapped(to: 6) == ["数据", "有，效"])
    #expect("abcdefghij".wrapped(to: 4) == ["abcd", "efgh", "ij"])
    #expect("".wrapped(to: 4) == [])
  }

  @Test func `names are shown, and do nothing`() {
    #expect("a\u{1B}[2Jb".inert == "a\\u{1B}[2Jb")
    let steering = "\u{202E}abc\u{2066}\t\n\u{2028}\u{9B}"
    #expect(steering.inert == "\\u{202E}abc\\u{2066}\\u{9}\\u{A}\\u{2028}\\u{9B}")
    #expect("数控 é 👩‍🔧 '<script>".inert == "数控 é 👩‍🔧 '<script>")
  }

  @Test func `the same in JSON is written so that it stays JSON`() throws {
    let text = "{\"a\u{AD}\": \"\u{202E}数控\u{7F}\u{F0000}\\n\"}\n"
    #expect(text.inertJSON == #"{"a\u00AD": "\u202E数控\u007F\uDB80\uDC00\n"}"# + "\n")
    let read = try JSONDecoder().decode([String: String].self, from: Data(text.inertJSON.utf8))
    #expect(read == ["a\u{AD}": "\u{202E}数控\u{7F}\u{F0000}\n"])
    #expect("{\n}".inertJSON == "{\n}")
  }

  @Test func `languages are known by their codes`() {
    #expect(["zh", "zh_CN.UTF-8", "ZH-Hans"].map { Language($0) } == [.chinese, .chinese, .chinese])
    #expect(["en", "en_GB"].map { Language($0) } == [.english, .english])
    #expect(["", "C", "C.UTF-8", "de", "english"].map { Language($0) } == [nil, nil, nil, nil, nil])
  }

  @Test func `scopes are known by kind and path`() {
    #expect(ReportScope(kind: "district") == .district)
    #expect(ReportScope(kind: "factory", path: "F001") == .factory("F001"))
    #expect(ReportScope(kind: "line", path: "F001/W01/L1") == .line(factory: "F001", workshop: "W01", "L1"))
    #expect(ReportScope(kind: "workshop", path: "F001/") == .workshop(factory: "F001", ""))
    let wrong = [
      ("factory", ""), ("factory", "F001/W01"), ("workshop", "F001"), ("plant", "F001"), ("district", "x"),
    ]
    #expect(wrong.allSatisfy { ReportScope(kind: $0.0, path: $0.1) == nil })
  }
}
