import Foundation
import Telemetry

/// Rules of alerts as a file has them.
public enum AlertRuleFile {
  /// Reads the rules of a file strictly; policies that it names are looked for beside `configuration`.
  ///
  /// - Throws: every problem with its place; a missing file counts as one.
  public static func load(_ path: String, besides configuration: String) throws(SettingsErrors) -> AlertRules
  {
    guard FileManager.default.fileExists(atPath: path) else {
      throw SettingsErrors(
        [.init(.wholeFile(path), "there is no such file", "文件不存在")], isMissingFile: true)
    }
    guard let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20,
      let text = String(data: data, encoding: .utf8)
    else { throw SettingsErrors.unreadable(path) }
    return try parse(text, file: path, besides: configuration)
  }

  /// Reads rules from a text; `file` is its name in messages, and relative paths begin beside it.
  ///
  /// - Throws: every problem with its place.
  public static func parse(
    _ text: String, file: String, besides configuration: String
  ) throws(SettingsErrors) -> AlertRules {
    let working = FileManager.default.currentDirectoryPath
    let directory = (SettingKind<String>.absolute(file, in: working) as NSString).deletingLastPathComponent
    var reader = SettingsReader(
      try YAMLDocument.parse(text, file: file), file: file, directory: directory, workingDirectory: working,
      environment: [:], advice: [:])
    let receivers = receivers(&reader)
    let windows = windows(&reader)
    let rules = rules(&reader, besides: configuration, receivers: receivers, windows: windows)
    let problems = reader.finish()
    guard problems.isEmpty else { throw SettingsErrors(problems) }
    return AlertRules(
      rules: rules, receivers: receivers.compactMap(\.value), windows: windows.compactMap(\.value))
  }

  /// A name that rules may refer to; its value is nil if the rest has a problem.
  struct Named<Value> {
    var name: String
    var value: Value?
  }

  // MARK: Receivers

  private static func receivers(_ reader: inout SettingsReader) -> [Named<AlertReceiver>] {
    let keys = ["name", "type", "url", "url_file", "secret_file", "topic", "language"]
    var names: Set<String> = []
    return (reader.elements("receivers", of: keys) ?? []).compactMap { element in
      let name = name(in: element, &names, &reader)
      let kind = receiverKind(element, &reader)
      let languages = reader.optional("language", in: element, .word(AlertReceiver.Languages.self))
      guard let name else { return nil }
      return Named(
        name: name, value: kind.map { AlertReceiver(name: name, kind: $0, languages: languages ?? .both) })
    }
  }

  private static func receiverKind(
    _ element: SettingsReader.Element, _ reader: inout SettingsReader
  ) -> AlertReceiver.Kind? {
    let word = reader.required("type", in: element, .word(among: AlertReceiver.Kind.names))
    let url = reader.optional("url", in: element, url)
    let urlFile = reader.optional("url_file", in: element, .path)
    let secretFile = reader.optional("secret_file", in: element, .path)
    let topic = reader.optional("topic", in: element, topic)
    guard let word else { return nil }
    let own: [String: [String]] = [
      "webhook": ["url", "url_file", "secret_file"], "wecom": ["url_file"],
      "dingtalk": ["url_file", "secret_file"], "feishu": ["url_file", "secret_file"], "mqtt": ["topic"],
    ]
    refuse(
      ["url", "url_file", "secret_file", "topic"].filter { own[word]?.contains($0) == false }, of: word,
      element,
      &reader)
    func missing(_ key: String, _ english: String, _ chinese: String) -> AlertReceiver.Kind? {
      if !reader.has(key, in: element) { reader.complain(at: key, in: element, english, chinese) }
      return nil
    }
    let needsAddress = (
      "is missing: the address is a secret; write it into a file of mode 0600 and name the file here",
      "缺失：地址属于机密，请写入权限为 0600 的文件，并在此填写文件名"
    )
    switch word {
    case "webhook":
      guard let secretFile else {
        return missing(
          "secret_file", "is missing: name a file of mode 0600 with the secret that signs the messages",
          "缺失：请填写用于签名的密钥文件，权限须为 0600")
      }
      switch (url, urlFile) {
      case (let url?, nil): return .webhook(.url(url), secretFile: secretFile)
      case (nil, let file?): return .webhook(.file(file), secretFile: secretFile)
      case (nil, nil): return missing("url", "is missing; give url or url_file", "缺失：请填写 url 或 url_file")
      case (.some, .some):
        reader.complain(
          at: "url_file", in: element, "only one of url and url_file can be given", "url 与 url_file 只能填写一项")
        return nil
      }
    case "wecom", "dingtalk", "feishu":
      guard let urlFile else { return missing("url_file", needsAddress.0, needsAddress.1) }
      if word == "wecom" { return .wecom(urlFile: urlFile) }
      return word == "dingtalk"
        ? .dingtalk(urlFile: urlFile, secretFile: secretFile)
        : .feishu(urlFile: urlFile, secretFile: secretFile)
    default:
      guard let topic else {
        return missing("topic", "is missing: name the topic of the messages", "缺失：请填写消息主题")
      }
      return .mqtt(topic: topic)
    }
  }

  // MARK: Windows

  private static func windows(_ reader: inout SettingsReader) -> [Named<MaintenanceWindow>] {
    let keys = ["name", "from", "to", "weekdays", "start", "end"]
    var names: Set<String> = []
    return (reader.elements("maintenance", of: keys) ?? []).compactMap { element in
      let name = name(in: element, &names, &reader)
      let from = reader.optional("from", in: element, PolicyFile.day)
      let to = reader.optional("to", in: element, PolicyFile.day)
      let weekdays = reader.optional("weekdays", in: element, weekdays)
      let start = reader.optional("start", in: element, minute)
      let end = reader.optional("end", in: element, minute)
      if (start == nil) != (end == nil), reader.has("start", in: element) != reader.has("end", in: element) {
        reader.complain(
          at: start == nil ? "start" : "end", in: element, "start and end go together: give both or neither",
          "start 与 end 须同时填写")
      }
      if let start, start == 1440 {
        reader.complain(at: "start", in: element, "must be before 24:00", "应早于 24:00")
      }
      let first = from ?? CalendarDay.written.lowerBound
      let last = to ?? CalendarDay.written.upperBound
      guard let name else { return nil }
      guard first <= last else {
        reader.complain(at: "to", in: element, "must not be before from", "不得早于 from")
        return Named(name: name, value: nil)
      }
      return Named(
        name: name,
        value: MaintenanceWindow(
          name: name, days: first...last, weekdays: weekdays ?? Set(1...7), start: start ?? 0,
          end: end ?? 1440))
    }
  }

  // MARK: Helpers

  /// The name of an element, which no other of its list has.
  static func name(
    in element: SettingsReader.Element, _ names: inout Set<String>, _ reader: inout SettingsReader
  ) -> String? {
    guard let name = reader.required("name", in: element, .id) else { return nil }
    if !names.insert(name).inserted {
      reader.complain(at: "name", in: element, "'\(name)' is given more than once", "名称“\(name)”重复")
      return nil
    }
    return name
  }

  /// Complains about keys that an element has though its kind does not use them.
  static func refuse(
    _ keys: [String], of kind: String, _ element: SettingsReader.Element, _ reader: inout SettingsReader
  ) {
    for key in keys where reader.has(key, in: element) {
      reader.complain(
        at: key, in: element, "does not apply to \(kind): remove it", "不适用于 \(kind)，请删除")
    }
  }
}
