/// A kind of plant with its machines. Names contain 模拟 and Synthetic, so that nobody mistakes a simulated factory for
/// a real one.
enum Industry: Int, CaseIterable, Sendable {
  case precisionElectronics
  case vehicleParts
  case machinery
  case newMaterials
  case medicine

  var chinese: String {
    switch self {
    case .precisionElectronics: "精密电子"
    case .vehicleParts: "汽车零部件"
    case .machinery: "装备制造"
    case .newMaterials: "新材料"
    case .medicine: "生物医药"
    }
  }

  var english: String {
    switch self {
    case .precisionElectronics: "Precision Electronics"
    case .vehicleParts: "Vehicle Parts"
    case .machinery: "Machinery"
    case .newMaterials: "New Materials"
    case .medicine: "Medicine"
    }
  }

  /// Production machines: the register's category, a Chinese name, rated power in watts, and milliseconds per piece.
  var machines: [(category: String, name: String, watts: Int64, cycle: Int64)] {
    switch self {
    case .precisionElectronics:
      [
        ("placement machine", "贴片机", 3500, 2000), ("reflow oven", "回流焊炉", 12_000, 9000),
        ("optical inspection", "光学检测机", 1200, 3000), ("wire bonder", "焊线机", 1800, 2500),
        ("injection moulder", "注塑机", 22_000, 18_000), ("machining centre", "加工中心", 15_000, 45_000),
      ]
    case .vehicleParts:
      [
        ("stamping press", "冲压机", 45_000, 6000), ("welding robot", "焊接机器人", 8000, 20_000),
        ("machining centre", "加工中心", 18_000, 60_000), ("assembly cell", "装配单元", 4000, 30_000),
        ("paint booth", "喷涂室", 30_000, 90_000),
      ]
    case .machinery:
      [
        ("lathe", "数控车床", 11_000, 120_000), ("milling machine", "铣床", 13_000, 150_000),
        ("grinder", "磨床", 7500, 90_000), ("laser cutter", "激光切割机", 20_000, 40_000),
        ("crane", "行车", 9000, 240_000),
      ]
    case .newMaterials:
      [
        ("extruder", "挤出机", 55_000, 15_000), ("mixer", "混料机", 15_000, 300_000),
        ("coater", "涂布机", 40_000, 8000), ("kiln", "窑炉", 120_000, 600_000),
      ]
    case .medicine:
      [
        ("filler", "灌装机", 3000, 1500), ("tablet press", "压片机", 5500, 300),
        ("freeze dryer", "冻干机", 35_000, 60_000), ("packer", "包装机", 2500, 1200),
      ]
    }
  }
}
