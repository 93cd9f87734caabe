import Foundation
import Telemetry

/// Files of one kind that a user asks for by name or path, such as policies and forms.
struct NamedFiles {
  /// The kind in messages and in the command that lists them: `policy`.
  let kind: String
  /// The kind in Chinese messages.
  let chineseKind: String
  /// The word of Chinese messages for the files that the command lists.
  let chineseList: String
  /// The folder beside the configuration where they are looked for first.
  let folder: String
  /// Folders where they are looked for afterwards.
  let shared: [String]

  /// Whether a file is asked for by its path rather than by its name.
  static func isPath(_ name: String) -> Bool { name.contains("/") || name.hasSuffix(".yaml") }

  /// Path of the file that a name or path means; nil if there is none.
  func find(_ name: String, besides configuration: String) -> String? {
    let candidates = Self.isPath(name) ? [name] : places(besides: configuration).map { "\($0)/\(name).yaml" }
    return candidates.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Path and text of the file that a name or path means; nil if there is none.
  ///
  /// - Throws: an error if it cannot be read as text.
  func text(
    _ name: String, besides configuration: String
  ) throws(SettingsErrors) -> (path: String, text: String)? {
    guard let path = find(name, besides: configuration) else { return nil }
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(data: data, encoding: .utf8)
    else { throw SettingsErrors.unreadable(path) }
    return (path, text)
  }

  /// The error for a name or path that means no file.
  func missing(_ name: String, besides configuration: String) -> String {
    if Self.isPath(name) { return "\(name): there is no such file" }
    let names = names(besides: configuration)
    guard !names.isEmpty else {
      return
        "there is no \(kind) '\(name)', because none is in \(folders(besides: configuration)); copy its file there"
    }
    let hint = Suggestion.phrase(for: name, among: names)
    return "there is no \(kind) '\(name)'\(hint); 'millwright \(kind) list' shows those there are"
  }

  /// The same error in Chinese.
  private func missingInChinese(_ name: String, besides configuration: String) -> String {
    if Self.isPath(name) { return "\(name)：文件不存在" }
    let names = names(besides: configuration)
    guard !names.isEmpty else {
      return "没有名为“\(name)”的\(chineseKind)：\(chineseFolders(besides: configuration))中均无文件，请将其复制到其中之一"
    }
    let nearest = Suggestion.nearest(to: name, among: names)
    let hint = nearest.map { "（是否应为“\($0)”？）" } ?? ""
    return "没有名为“\(name)”的\(chineseKind)\(hint)；可用\(chineseList)见 millwright \(kind) list"
  }

  /// The problem that no file has the name or path that `place` gives, such as an option or a key.
  func missing(
    _ name: String, besides configuration: String, asked place: String,
    at origin: SettingsErrors.Origin = .unplaced
  ) -> SettingsErrors.Problem {
    .init(
      origin, "\(place): \(missing(name, besides: configuration))",
      "\(place)：\(missingInChinese(name, besides: configuration))")
  }

  /// Every name that can be asked for, ascending.
  func names(besides configuration: String) -> [String] {
    let found = places(besides: configuration).flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".yaml") }
    }
    return Set(found.map { String($0.dropLast(5)) }).sorted()
  }

  /// The folders where a name is looked for, as words of a message.
  private func folders(besides configuration: String) -> String {
    let places = places(besides: configuration)
    return places.dropLast().joined(separator: ", ") + " or " + (places.last ?? "")
  }

  /// The same words in Chinese.
  private func chineseFolders(besides configuration: String) -> String {
    places(besides: configuration).joined(separator: "、")
  }

  private func places(besides configuration: String) -> [String] {
    [URL(fileURLWithPath: configuration).deletingLastPathComponent().appendingPathComponent(folder).path]
      + shared
  }
}
