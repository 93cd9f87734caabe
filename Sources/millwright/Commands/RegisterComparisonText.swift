import Register
import Reporting
import Telemetry

/// The differences between two states of the register, as text: the counts, and then all differences by kind.
struct RegisterComparisonText {
  let comparison: RegisterComparison
  let say: CommandWording

  /// The compared states.
  func heading(_ before: RegisterSnapshot, _ after: RegisterSnapshot) -> [String] {
    if before.day != after.day {
      return [
        say(
          "register version \(after.version): \(before.day) → \(after.day)",
          "台账第 \(after.version) 版：\(before.day) → \(after.day)")
      ]
    }
    if before.version == after.version {
      return [
        say(
          "\(after.day): register version \(after.version) on both sides",
          "\(after.day)：两侧均为台账第 \(after.version) 版")
      ]
    }
    return [
      say(
        "\(after.day): register version \(before.version) → \(after.version)",
        "\(after.day)：台账第 \(before.version) 版 → 第 \(after.version) 版")
    ]
  }

  /// The counts and each kind of difference.
  var lines: [String] { counts + factories + equipment }

  private var counts: [String] {
    let one = comparison
    return RegisterSupport.table([
      [
        say("factories", "企业"),
        say(
          "\(one.addedFactories.count) added, \(one.removedFactories.count) removed, "
            + "\(one.changedFactories.count) changed",
          "新增 \(one.addedFactories.count)，移除 \(one.removedFactories.count)，"
            + "变更 \(one.changedFactories.count)"),
      ],
      [
        say("equipment", "设备"),
        say(
          "\(one.added.count) added, \(one.retired.count) retired, \(one.removed.count) removed, "
            + "\(one.moved.count) moved, \(one.changed.count) changed, \(one.unchanged) unchanged",
          "新增 \(one.added.count)，退役 \(one.retired.count)，移除 \(one.removed.count)，"
            + "迁移 \(one.moved.count)，变更 \(one.changed.count)，未变 \(one.unchanged)"),
      ],
    ])
  }

  private var factories: [String] {
    func names(_ factory: RegisteredFactory) -> [[String]] {
      [[factory.id, factory.nameChinese.inert, factory.nameEnglish.inert]]
    }
    return section(say("factories added", "新增企业"), comparison.addedFactories, names)
      + section(say("factories removed", "移除企业"), comparison.removedFactories, names)
      + section(say("factories changed", "变更企业"), comparison.changedFactories) { change in
        rows(change.id, change.attributes)
      }
  }

  private var equipment: [String] {
    func entry(_ entry: RegisterSnapshot.Entry) -> [[String]] {
      let one = entry.equipment
      return [[one.key.description, one.name.inert, one.category.inert, say.service(entry)]]
    }
    return section(say("equipment added", "新增设备"), comparison.added, entry)
      + section(say("equipment retired", "退役设备"), comparison.retired) { entry in
        let one = entry.equipment
        let day = one.decommissionedOn.map { say("on \($0)", "\($0)") } ?? ""
        return [[one.key.description, one.name.inert, one.category.inert, day]]
      }
      + section(say("equipment removed (as it was)", "移除设备（原状态）"), comparison.removed, entry)
      + section(say("equipment moved", "迁移设备"), comparison.moved) { move in
        let ids = move.isBetweenFactories ? "\(move.before.key) → \(move.after.key)" : "\(move.after.key)"
        return rows(ids, move.attributes)
      }
      + section(say("equipment changed", "变更设备"), comparison.changed) { change in
        rows(change.id.description, change.attributes)
      }
  }

  /// The first row of a change carries its id.
  private func rows(_ id: String, _ attributes: [RegisterDiff.Attribute]) -> [[String]] {
    attributes.enumerated().map { [$0.offset == 0 ? id : "", say.change($0.element)] }
  }

  private func section<Item>(_ title: String, _ items: [Item], _ rows: (Item) -> [[String]]) -> [String] {
    guard !items.isEmpty else { return [] }
    return ["", title] + RegisterSupport.table(items.flatMap(rows)).map { "  " + $0 }
  }
}
