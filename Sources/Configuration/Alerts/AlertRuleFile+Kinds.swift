import Foundation
import Telemetry

/// Kinds of values in a rules file.
extension AlertRuleFile {
  /// An address of a web server; unencrypted only on this machine.
  static let url = SettingKind<String>.text(maximum: 2048).then(
    expects: "an address such as https://example.com/hook (http only for this machine)",
    chinese: "网址，如 https://example.com/hook（http 仅限本机）"
  ) { isAddress($0) ? $0 : nil }

  /// Whether messages may be sent to an address: https, or http to this machine; with a host and without a password.
  public static func isAddress(_ text: String) -> Bool {
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty, parts.user == nil,
      parts.password == nil
    else { return false }
    switch parts.scheme?.lowercased() {
    case "https": return true
    case "http": return ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host.lowercased())
    default: return false
    }
  }

  /// A topic to publish to: no wildcard, not `$SYS`.
  static let topic = SettingKind<String>.text(maximum: 1024).then(
    expects: "a topic without + and #, such as millwright/alerts", chinese: "不含 + 和 # 的主题，如 millwright/alerts"
  ) { text in
    let isTopic = !text.contains("+") && !text.contains("#") && !text.hasPrefix("$")
    return isTopic ? text : nil
  }

  /// Names with commas between them.
  static let names = SettingKind<String>.text(maximum: 4096).then(
    expects: "a name, or several with commas between them", chinese: "一个名称，或以逗号分隔的多个名称"
  ) { text -> [String]? in
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard words.allSatisfy({ EquipmentKey.isID($0.utf8) }), Set(words).count == words.count else {
      return nil
    }
    return words
  }

  /// Paths with commas between them; absolute in the result.
  static let paths = SettingKind<[String]>(
    expects: "the path of a PEM file, or several with commas between them", chinese: "PEM 文件的路径，或以逗号分隔的多个路径"
  ) { scalar in
    guard let text = SettingKind.text(maximum: 4096).parse(scalar) else { return nil }
    let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    guard !words.isEmpty, words.allSatisfy({ !$0.isEmpty }) else { return nil }
    return words.map { SettingKind.absolute($0, in: scalar.directory) }
  }

  /// Days of the week, as in production calendars: `1-5`, or `1 3 7`.
  static let weekdays = SettingKind<Set<Int>>(
    expects: "days of the week from 1 (Monday) to 7, such as 1-5 or 6,7", chinese: "星期 1（周一）至 7，如 1-5 或 6,7"
  ) { scalar in
    var found: Set<Int> = []
    for part in scalar.text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
        Int($0.trimmingCharacters(in: .whitespaces))
      }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        (1...7).contains(first), (1...7).contains(last), first <= last
      else { return nil }
      found.formUnion(first...last)
    }
    return found
  }

  /// A time of day in minutes: `22:30`, up to `24:00`. YAML would read it as a number in base 60 if it is unquoted, which
  /// the text shows all the same.
  static let minute = SettingKind<Int>(
    expects: "a time of day from \"00:00\" to \"24:00\"", chinese: "\"00:00\" 至 \"24:00\" 的时刻"
  ) { scalar in
    let bytes = Array(scalar.text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"),
      [0, 1, 3, 4].allSatisfy({ (0x30...0x39).contains(bytes[$0]) })
    else { return nil }
    func number(_ at: Int) -> Int { Int(bytes[at] - 0x30) * 10 + Int(bytes[at + 1] - 0x30) }
    let minute = number(0) * 60 + number(3)
    return number(3) < 60 && minute <= 1440 ? minute : nil
  }

  /// Time after which a lasting alert is repeated; nil in the result for never.
  static let repetition = SettingKind<Span?>(
    expects: "never, or a duration from 1d to 30d, such as 1d", chinese: "never，或 1d 至 30d 的时长，如 1d"
  ) { scalar -> Span?? in
    if scalar.text == "never" { return .some(nil) }
    guard let span = Units.span(scalar.text), span >= .days(1), span <= .days(30) else { return nil }
    return .some(span)
  }
}
