import Telemetry

/// A column of a register file: English heading (the raw value) and Chinese heading.
public protocol RegisterColumn: CaseIterable, Hashable, RawRepresentable, Sendable where RawValue == String {
  /// The heading in Chinese.
  var chinese: String { get }
  /// Whether a file must have it, and every row a value in it.
  var isRequired: Bool { get }
}

extension RegisterColumn {
  /// Its place among all cases, from 0. A case without values is kept as this number in one byte; to look for it among
  /// all cases, or to hash the heading, takes longer than to read the cell.
  var number: Int { withUnsafeBytes(of: self) { Int($0.first ?? 0) } }
}

/// The columns of an equipment file. Without an optional column, its attribute takes the default: empty,
/// `unclassified`, or no.
public enum EquipmentColumn: String, RegisterColumn {
  case equipmentID = "equipment_id"
  case factoryID = "factory_id"
  case workshop
  case line
  case name
  case category
  case automation
  case intelligent
  case digital
  case connectable
  case reportInterval = "report_interval_s"
  case commissionedOn = "commissioned_on"
  case decommissionedOn = "decommissioned_on"
  case retrofittedOn = "retrofitted_on"
  case serial
  case energyMeter = "energy_meter"
  case energyRollover = "energy_rollover"
  case gateway
  case cnc
  case process
  case keyProcess = "key_process"
  case idealCycle = "ideal_cycle_s"
  case assetValue = "asset_value"
  case meterKind = "meter_kind"
  case countsOutput = "counts_output"

  public var chinese: String {
    switch self {
    case .equipmentID: "资产编号"
    case .factoryID: "企业编号"
    case .workshop: "车间"
    case .line: "产线"
    case .name: "设备名称"
    case .category: "类别"
    case .automation: "自动化程度"
    case .intelligent: "智能化"
    case .digital: "数字化"
    case .connectable: "可联网"
    case .reportInterval: "上报周期秒"
    case .commissionedOn: "投用日期"
    case .decommissionedOn: "退役日期"
    case .retrofittedOn: "改造日期"
    case .serial: "序列号"
    case .energyMeter: "电表"
    case .energyRollover: "电表量程"
    case .gateway: "网关"
    case .cnc: "数控化"
    case .process: "工序"
    case .keyProcess: "关键工序"
    case .idealCycle: "标准节拍"
    case .assetValue: "资产净值"
    case .meterKind: "计量器具类型"
    case .countsOutput: "产量计数"
    }
  }

  public var isRequired: Bool { self == .equipmentID || self == .factoryID }

  /// The attribute as an English file writes it; empty when there is none.
  public func text(of equipment: RegisteredEquipment) -> String {
    switch self {
    case .equipmentID: equipment.key.equipment
    case .factoryID: equipment.key.factory
    case .workshop: equipment.workshop
    case .line: equipment.line
    case .name: equipment.name
    case .category: equipment.category
    case .automation: equipment.automation.rawValue
    case .intelligent: equipment.intelligent ? "yes" : "no"
    case .digital: equipment.digital ? "yes" : "no"
    case .connectable: equipment.connectable ? "yes" : "no"
    case .reportInterval: equipment.reportInterval.map { String($0.milliseconds / 1000) } ?? ""
    case .commissionedOn: equipment.commissionedOn?.description ?? ""
    case .decommissionedOn: equipment.decommissionedOn?.description ?? ""
    case .retrofittedOn: equipment.retrofittedOn?.description ?? ""
    case .serial: equipment.serial
    case .energyMeter: equipment.energyMeter
    case .energyRollover: equipment.energyRollover.map(Thousandths.text) ?? ""
    case .gateway: equipment.gateway
    case .cnc: Self.text(equipment.cnc)
    case .process: equipment.process
    case .keyProcess: Self.text(equipment.keyProcess)
    case .idealCycle: equipment.idealCycle.map { Thousandths.text($0.milliseconds) } ?? ""
    case .assetValue: equipment.assetValue.map(Money.text) ?? ""
    case .meterKind: equipment.meterKind?.rawValue ?? ""
    case .countsOutput: Self.text(equipment.countsOutput)
    }
  }

  private static func text(_ flag: Bool?) -> String { flag.map { $0 ? "yes" : "no" } ?? "" }
}

/// The columns of `factories.csv`.
public enum FactoryColumn: String, RegisterColumn {
  case factoryID = "factory_id"
  case nameChinese = "name_zh"
  case nameEnglish = "name_en"
  case industry
  case district
  case retrofitCompletedOn = "retrofit_completed_on"

  public var chinese: String {
    switch self {
    case .factoryID: "企业编号"
    case .nameChinese: "企业名称"
    case .nameEnglish: "英文名称"
    case .industry: "行业"
    case .district: "园区"
    case .retrofitCompletedOn: "改造完成日期"
    }
  }

  public var isRequired: Bool { self == .factoryID }

  /// The attribute as an English file writes it; empty when there is none.
  public func text(of factory: RegisteredFactory) -> String {
    switch self {
    case .factoryID: factory.id
    case .nameChinese: factory.nameChinese
    case .nameEnglish: factory.nameEnglish
    case .industry: factory.industry
    case .district: factory.district
    case .retrofitCompletedOn: factory.retrofitCompletedOn?.description ?? ""
    }
  }
}

extension Automation {
  /// Words for degrees of automation in register files, in English and Chinese.
  ///
  /// The synonyms are those used in ledgers. No other word is guessed, since one character changes the degree.
  public static let words: [String: Automation] = [
    "manual": .manual, "手动": .manual, "手工": .manual, "人工": .manual, "全手动": .manual,
    "semi_automatic": .semiAutomatic, "semi-automatic": .semiAutomatic, "semi automatic": .semiAutomatic,
    "半自动": .semiAutomatic, "半自动化": .semiAutomatic,
    "automatic": .automatic, "fully automatic": .automatic, "自动": .automatic, "全自动": .automatic,
    "自动化": .automatic, "全自动化": .automatic,
    "unclassified": .unclassified, "未分类": .unclassified,
  ]

  /// The degree of automation that a word declares, in any letter case; nil for an unknown word.
  public init?(word: String) {
    guard let known = Self.words[word] ?? Self.words[word.lowercased()] else { return nil }
    self = known
  }

  /// The word of a Chinese register file and report.
  public var chinese: String {
    switch self {
    case .manual: "手动"
    case .semiAutomatic: "半自动"
    case .automatic: "自动"
    case .unclassified: "未分类"
    }
  }
}
