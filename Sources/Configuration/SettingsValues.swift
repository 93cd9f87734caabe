import Storage
import Telemetry

extension SettingKind where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
  /// One of an enumeration's words.
  static func word(_ type: Value.Type) -> Self {
    let words = Value.allCases.map(\.rawValue)
    return Self(
      expects: "one of " + words.joined(separator: ", "), chinese: words.joined(separator: "、") + " 之一"
    ) { Value(rawValue: $0.text) }
  }
}

extension SettingKind<String> {
  /// One of some words.
  static func word(among words: [String]) -> Self {
    Self(expects: "one of " + words.joined(separator: ", "), chinese: words.joined(separator: "、") + " 之一") {
      words.contains($0.text) ? $0.text : nil
    }
  }
}

extension Settings {
  /// A store's URL; its directory is absolute in the result.
  static let storeKind = SettingKind<StoreURL>(
    expects: StoreURL.forms, chinese: "sqlite:目录（本版本不支持 PostgreSQL）"
  ) { scalar in
    guard let url = try? StoreURL(scalar.text) else { return nil }
    switch url {
    case .sqlite(let directory):
      var path = scalar
      path.text = directory
      return SettingKind.path.parse(path).map(StoreURL.sqlite(directory:))
    }
  }

  /// A policy by its name, or by its file, which then is an absolute path.
  static let policyKind = nameKind("a policy's name, or the path of its file", "政策名称或其文件的路径")

  /// A form by its name, or by its file, which then is an absolute path.
  static let formKind = nameKind("a form's name, or the path of its file", "填报表名称或其文件的路径")

  private static func nameKind(_ english: String, _ chinese: String) -> SettingKind<String> {
    SettingKind<String>(expects: english, chinese: chinese) { scalar in
      guard let name = SettingKind.text().parse(scalar), name != noPolicy else { return nil }
      return NamedFiles.isPath(name) ? SettingKind.absolute(name, in: scalar.directory) : name
    }
  }

  /// The word that switches policies off on the command line. No policy can have it as its name.
  public static let noPolicy = "none"

  /// A host name or address: letters, digits, dots, hyphens, and colons for IPv6.
  static let hostKind = SettingKind<String>(
    expects: "a host name or an IP address", chinese: "主机名或 IP 地址"
  ) { scalar in
    let isHost = scalar.text.utf8.allSatisfy { EquipmentKey.isIDByte($0) || $0 == UInt8(ascii: ":") }
    return isHost && (1...253).contains(scalar.text.utf8.count) ? scalar.text : nil
  }
}
