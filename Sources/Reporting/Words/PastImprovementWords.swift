import Register
import Telemetry

/// A warning that an import improves figures of days that are past, in one language.
public struct PastImprovementWords: Sendable {
  private let past: PastImprovements
  private let terms: Terms

  /// The words for some improvements.
  public init(_ past: PastImprovements, in language: Language) {
    self.past = past
    terms = Terms(language)
  }

  /// For changes that reports flag, and for those that they do not flag, a line for the warning and one for each kind of
  /// change, which is indented; empty if there is none. Inert.
  public var lines: [String] {
    let flagged = terms.pick(
      "warning: this import improves figures of days that are past; reports of those days will show it",
      "警告：本次导入会使已过日期的指标变好；相应日期的报告将予以标明")
    let unflagged = terms.pick(
      "warning: this import adds equipment to days that are past; reports of those days count it without a remark",
      "警告：本次导入为已过日期补登设备；相应日期的报告将计入这些设备，且不另行标明")
    return group(flagged, past.findings.filter(\.kind.isFlagged))
      + group(unflagged, past.findings.filter { !$0.kind.isFlagged })
  }

  private func group(_ head: String, _ findings: [PastImprovements.Finding]) -> [String] {
    findings.isEmpty ? [] : [head] + findings.map { "  " + line($0).inert }
  }

  /// A line for each kind of change, with an example. Inert.
  var findings: [String] { past.findings.map { line($0).inert } }

  private func line(_ finding: PastImprovements.Finding) -> String {
    let words = self.words(finding.kind)
    let factories = finding.factories == 1 ? "1 factory" : "\(finding.factories) factories"
    return terms.pick(
      "\(words.0), since \(finding.since): \(finding.equipment) equipment of \(factories), for example "
        + "\(finding.example)\(change(finding))",
      "\(words.1)，自 \(finding.since) 起：企业 \(finding.factories) 家，设备 \(finding.equipment) 台，例如 "
        + "\(finding.example)\(change(finding))")
  }

  private func words(_ kind: PastImprovements.Kind) -> (String, String) {
    switch kind {
    case .automation: ("automation raised", "自动化程度提高")
    case .intelligent: ("declared intelligent", "改为智能化设备")
    case .digital: ("declaration of digital equipment changed", "数字化申报变更")
    case .connectable: ("declared connectable", "改为可联网")
    case .cnc: ("declared numerically controlled", "改为数控设备")
    case .process: ("process step changed", "工序变更")
    case .keyProcess: ("mark of key process steps changed", "关键工序标记变更")
    case .idealCycle: ("ideal cycle lengthened or removed", "标准节拍延长或删除")
    case .assetValue: ("asset value changed", "资产净值变更")
    case .meterKind: ("meter not required or not registered any more", "计量器具不再列为必配或不再登记")
    case .countsOutput: ("mark of counters of output changed", "产量计数标记变更")
    case .reportInterval: ("report interval raised, added or removed", "上报周期延长、新增或删除")
    case .removed: ("removed from the base", "移出统计基数")
    case .meterRemoved: ("meter removed from the registered ones", "计量器具移出统计范围")
    case .added:
      (
        "automatic, intelligent, digital, connectable or numerically controlled equipment added",
        "补登自动化、智能化、数字化、可联网或数控设备"
      )
    case .assumed: ("first import of a factory, counted back to the commissioning date", "企业首次导入，追溯至投用日期")
    }
  }

  private func change(_ finding: PastImprovements.Finding) -> String {
    func word(_ text: String, _ unit: (String, String) = ("", "")) -> String {
      text.isEmpty
        ? terms.pick("(none)", "（无）")
        : terms.pick(text + unit.0, column(finding.kind).chinese(text) + unit.1)
    }
    func words(_ unit: (String, String) = ("", "")) -> String {
      " \(word(finding.before, unit)) → \(word(finding.after, unit))"
    }
    switch finding.kind {
    case .added: return ""
    case .assumed: return " \(finding.after)"
    case .reportInterval, .idealCycle: return words((" s", " 秒"))
    case .assetValue: return words((" yuan", " 元"))
    default: return words()
    }
  }

  /// A column whose words the values of a finding are.
  private func column(_ kind: PastImprovements.Kind) -> EquipmentColumn {
    switch kind {
    case .automation: .automation
    case .meterKind: .meterKind
    case .process, .assetValue, .idealCycle, .reportInterval: .assetValue
    default: .digital
    }
  }
}
