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

  /// A line for the warning and one for each kind of change, which is indented; empty if there is none. Inert.
  public var lines: [String] {
    guard !past.findings.isEmpty else { return [] }
    let head = terms.pick(
      "warning: this import improves figures of days that are past; reports of those days will show it",
      "警告：本次导入会使已过日期的指标变好；相应日期的报告将予以标明")
    return [head] + findings.map { "  " + $0 }
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
    case .digital: ("declared digital", "改为数字化设备")
    case .connectable: ("declared connectable", "改为可联网")
    case .cnc: ("declared numerically controlled", "改为数控设备")
    case .keyProcess: ("no key process step any more", "不再列为关键工序")
    case .idealCycle: ("ideal cycle lengthened", "标准节拍延长")
    case .meterKind: ("meter not required any more", "计量器具不再列为必配")
    case .reportInterval: ("report interval raised", "上报周期延长")
    case .removed: ("removed from the base", "移出统计基数")
    case .added: ("automatic, intelligent or digital equipment added", "补登自动化、智能化或数字化设备")
    case .assumed: ("first import of a factory, counted back to the commissioning date", "企业首次导入，追溯至投用日期")
    }
  }

  private func change(_ finding: PastImprovements.Finding) -> String {
    func word(_ text: String) -> String {
      text.isEmpty ? terms.pick("(none)", "（无）") : terms.pick(text, column(finding.kind).chinese(text))
    }
    switch finding.kind {
    case .added: return ""
    case .assumed: return " \(finding.after)"
    case .reportInterval, .idealCycle:
      return terms.pick(
        " \(finding.before) s → \(finding.after) s", " \(finding.before) 秒 → \(finding.after) 秒")
    default: return " \(word(finding.before)) → \(word(finding.after))"
    }
  }

  /// A column whose words the values of a finding are.
  private func column(_ kind: PastImprovements.Kind) -> EquipmentColumn {
    switch kind {
    case .automation: .automation
    case .meterKind: .meterKind
    default: .digital
    }
  }
}
