import Decoding
import Telemetry

/// The keys of Sparkplug sources that belong to the host application's session.
extension Settings {
  /// The settings of the Sparkplug host application's session; nil without a Sparkplug source. Several sources have one
  /// session, and must not contradict each other.
  static func sparkplugHost(
    _ elements: [SettingsReader.Element], _ reader: inout SettingsReader
  ) -> Sparkplug? {
    var host: Sparkplug?
    for element in elements {
      let found = Sparkplug(
        hostID: reader.optional("host_id", in: element, hostIDKind),
        reorderTimeout: reader.optional(
          "reorder_timeout", in: element, .span(.milliseconds(100) ... .minutes(5))))
      guard var known = host else {
        host = found
        continue
      }
      if let id = found.hostID {
        if let before = known.hostID, before != id {
          reader.complain(
            at: "host_id", in: element,
            "an earlier source has '\(before)': the collector is one host application",
            "前面的来源已设为“\(before)”：采集器只能作为一个主机应用")
        }
        known.hostID = known.hostID ?? id
      }
      if let timeout = found.reorderTimeout {
        if let before = known.reorderTimeout, before != timeout {
          reader.complain(
            at: "reorder_timeout", in: element,
            "an earlier source has \(Units.text(before)): the collector is one host application",
            "前面的来源已设为 \(Units.text(before))：采集器只能作为一个主机应用")
        }
        known.reorderTimeout = known.reorderTimeout ?? timeout
      }
      host = known
    }
    return host
  }

  /// Maximum number of groups with topic filters of their own.
  private static let mostGroups = 64

  /// The groups that the Sparkplug sources among `sources` read, in ascending order; nil if one of them reads any group,
  /// or they are too many.
  static func sparkplugGroups(_ sources: [Source]) -> [String]? {
    var groups: Set<String> = []
    for source in sources where source.format.name == SparkplugDecoder.formatName {
      guard let group = (try? TopicTemplate(source.topic, .sparkplug))?.sparkplugGroup else { return nil }
      groups.insert(group)
    }
    return groups.count <= mostGroups ? groups.sorted() : nil
  }

  /// The last level of the host's STATE topic.
  private static let hostIDKind = SettingKind<String>(
    expects: "the name of this host application: 1 to 64 bytes, without / + #",
    chinese: "本主机应用的名称：1 至 64 字节，不含 / + #"
  ) { scalar in
    let isLevel = !scalar.text.unicodeScalars.contains {
      "/+#".unicodeScalars.contains($0) || $0.value < 0x20
    }
    return isLevel && (1...64).contains(scalar.text.utf8.count) ? scalar.text : nil
  }
}
