import Register
import Reporting
import Telemetry

/// The changes of an import, as text.
struct RegisterDiffText {
  let diff: RegisterDiff
  let say: CommandWording
  /// Maximum number of factories or equipment shown of each kind; a district's first import has tens of thousands.
  static let shown = 20

  /// The summary and each kind of change.
  var lines: [String] {
    var lines = RegisterSupport.table([
      [
        say("factories", "企业"),
        say(
          "\(diff.addedFactories.count) new, \(diff.changedFactories.count) changed",
          "新增 \(diff.addedFactories.count)，变更 \(diff.changedFactories.count)"),
      ],
      [
        say("equipment", "设备"),
        say(
          "\(diff.added.count) new, \(diff.changed.count) changed, \(diff.unchanged) unchanged, "
            + "\(diff.absent.count) absent and kept",
          "新增 \(diff.added.count)，变更 \(diff.changed.count)，未变 \(diff.unchanged)，"
            + "文件中缺失而保留 \(diff.absent.count)"),
      ],
    ])
    lines += section(say("new factories", "新增企业"), diff.addedFactories) { factory in
      [[factory.id, factory.nameChinese.inert, factory.nameEnglish.inert]]
    }
    lines += section(say("changed factories", "变更企业"), diff.changedFactories) { change in
      rows(change.id, change.attributes)
    }
    lines += section(say("new equipment", "新增设备"), diff.added, equipment)
    lines += section(say("changed equipment", "变更设备"), diff.changed) { change in
      rows(change.id.description, change.attributes)
    }
    lines += section(say("absent from the file, kept", "文件中缺失，予以保留"), diff.absent, equipment)
    return lines
  }

  /// The equipment that an import would retire, for a check that has no other changes.
  static func retirements(_ changes: [RegisterDiff.Change<EquipmentKey>], _ say: CommandWording) -> [String] {
    guard !changes.isEmpty else {
      return [say("--retire-missing: no equipment is missing from the file", "--retire-missing：文件中没有缺失的设备")]
    }
    let text = RegisterDiffText(diff: RegisterDiff(), say: say)
    let count = changes.count
    return text.section(
      say(
        "missing from the file, retired by an import with --retire-missing: \(count) equipment",
        "文件中缺失，以 --retire-missing 导入时予以退役：设备 \(count) 台"), changes
    ) { text.rows($0.id.description, $0.attributes) }
  }

  /// A note if the register already has a later version: from its day on the import changes nothing.
  func lines(later: [RegisterImport]) -> [String] {
    guard let next = later.min(by: { ($0.effectiveOn, $0.version) < ($1.effectiveOn, $1.version) }) else {
      return []
    }
    return [
      say(
        "note: rows of version \(next.version) hold again from \(next.effectiveOn) on",
        "注意：自 \(next.effectiveOn) 起仍以第 \(next.version) 版的记录为准")
    ]
  }

  /// The message after the import was stored.
  func stored(version: Int, effectiveOn: CalendarDay) -> String {
    say(
      "stored as register version \(version), effective \(effectiveOn)",
      "已存为台账第 \(version) 版，自 \(effectiveOn) 起生效")
  }

  /// The question whether to store the import in a store.
  func question(_ store: String) -> String {
    say("Store this in \(store)? [y/N]", "是否存入 \(store)？[y/N]").inert
  }
  var declined: String { say("nothing was stored", "未保存任何内容") }

  private func equipment(_ one: RegisteredEquipment) -> [[String]] {
    [[one.key.description, one.name.inert, one.category.inert]]
  }

  /// The first row of a change carries its id.
  private func rows(_ id: String, _ attributes: [RegisterDiff.Attribute]) -> [[String]] {
    attributes.enumerated().map { [$0.offset == 0 ? id : "", say.change($0.element)] }
  }

  private func section<Item>(
    _ title: String, _ items: [Item], _ rows: (Item) -> [[String]]
  ) -> [String] {
    guard !items.isEmpty else { return [] }
    var lines = ["", title]
    lines += RegisterSupport.table(items.prefix(Self.shown).flatMap(rows)).map { "  " + $0 }
    let more = items.count - Self.shown
    if more > 0 { lines.append("  " + say("… and \(more) more", "……另有 \(more) 项")) }
    return lines
  }
}
