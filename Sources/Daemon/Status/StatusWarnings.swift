import Ingestion
import Reporting

extension CollectorStatus.Warning {
  /// Code of ``init(_:)``.
  static let renamedMachines = "renamed_machines"

  /// The collector is connected and hears nothing though machines had been sending.
  ///
  /// - Parameter time: start of the silence, as people read it.
  init(nothingHeardSince time: String, probeIsOverdue: Bool) {
    code = "nothing_heard"
    if probeIsOverdue {
      english =
        "nothing has come since \(time), not even the collector's own probe, though the connection stands: see the broker's access rules (ACL) for this user and what was changed then; until something comes, time is not observed"
      chinese =
        "自 \(time) 起连接正常，但未收到任何消息，采集器自身的探测消息也未返回：请检查消息代理（broker）对本用户的访问控制（ACL）以及当时的变更；恢复收到消息之前，该时段按无观测计"
      return
    }
    english =
      "nothing has come from anybody since \(time) though the connection stands and machines had been sending: see the broker's access rules (ACL) for this user and what was changed then; until something comes, time is not observed"
    chinese =
      "自 \(time) 起连接正常，但此前仍在上报的设备全部无消息：请检查消息代理（broker）对本用户的访问控制（ACL）以及当时的变更；恢复收到消息之前，该时段按无观测计"
  }

  /// Machines were accepted under published names before the naming gave them ids; nil if there are none.
  init?(_ renamed: RenamedSenders) {
    guard let first = renamed.machines.first else { return nil }
    code = Self.renamedMachines
    let count = renamed.machines.count
    let (published, named) = (first.published.description.inert, first.named.description.inert)
    english =
      "\(count) \(count == 1 ? "machine was" : "machines were") counted under a published name before the naming file had it, such as \(published) (\(named)), and \(count == 1 ? "is" : "are") listed as unregistered: 'millwright rebuild --with-present-sources' counts earlier messages under the register's ids"
    chinese =
      "有 \(count) 台设备在命名文件列入其名称之前以原名称计数，例如 \(published)（\(named)），仍列为未登记设备：millwright rebuild --with-present-sources 将此前的消息改按台账编号计数"
  }

  /// The store's disk is nearly full.
  init(onlyFree free: String, of total: String) {
    code = "disk_low"
    english = "only \(free) of \(total) are free where the store is: make room, or shorten journal.retention"
    chinese = "存储目录所在磁盘仅剩 \(free)（共 \(total)）：请清理磁盘，或缩短 journal.retention"
  }
}
