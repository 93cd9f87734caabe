import Telemetry

extension EquipmentColumn: GuidedColumn {
  private static let every = ("all figures: the row is the base of every ratio", "全部指标：每行为各项比率的统计对象")
  private static let shown = ("none: shown in reports and lists", "不影响指标，仅用于显示")
  private static let energy = ("energy and energy per piece", "能耗、单位产品能耗")
  private static let service = ("base of all ratios on a day", "各日统计基数")

  public var guide: ColumnGuide {
    switch self {
    case .equipmentID, .factoryID, .workshop, .line, .name, .serial, .gateway: identity
    case .category, .automation, .intelligent, .digital, .connectable: classes
    case .reportInterval, .commissionedOn, .decommissionedOn, .retrofittedOn: times
    case .energyMeter, .energyRollover: meters
    case .cnc, .process, .keyProcess, .idealCycle, .assetValue, .meterKind, .countsOutput: forms
    }
  }

  private var identity: ColumnGuide {
    switch self {
    case .factoryID:
      ColumnGuide(
        .id, "Id of the factory, as in the list of factories.", "企业编号，与企业名录一致。",
        figures: Self.every, examples: ["F001", "F001", "F001"])
    case .workshop:
      ColumnGuide(
        .id,
        "Id of the workshop in which the machine stands. Its topics have it too, such as factory/F001/W01/0001/status.",
        "设备所在车间的编号，亦用于上报主题，如 factory/F001/W01/0001/status。",
        figures: ("figures of workshops", "车间各项指标"), examples: ["W01", "W01", "W02"])
    case .line:
      ColumnGuide(
        .id, "Id of the production line.", "产线编号。",
        figures: ("figures of lines, energy per piece", "产线各项指标、单位产品能耗"), examples: ["L1", "L1", ""])
    case .name:
      ColumnGuide(
        ColumnGuide.name, "Name of the machine.", "设备名称。", figures: Self.shown,
        examples: ["CNC lathe", "Hydraulic press", "Electricity meter"],
        chineseExamples: ["数控车床", "液压机", "电能表"])
    case .serial:
      ColumnGuide(
        ColumnGuide.name, "Serial number on the rating plate. Leading zeros are kept.", "设备铭牌上的出厂序列号，保留前导零。",
        figures: ("none: finds machines that publish under other names", "不影响指标，用于识别以其他名称上报的设备"),
        examples: ["00123456789012345678", "SN-77", ""])
    case .gateway:
      ColumnGuide(
        ColumnGuide.name, "Gateway through which the machine publishes.", "设备上报数据所经的网关。",
        figures: ("incidents of gateways", "网关故障归因"), examples: ["GW1", "GW1", ""])
    default:
      ColumnGuide(
        .id,
        "Id of the machine, unique in its factory. Its topics have it too, such as factory/F001/W01/0001/status.",
        "设备资产编号，企业内唯一，亦用于上报主题，如 factory/F001/W01/0001/status。", figures: Self.every,
        examples: ["0001", "0002", "M01"])
    }
  }

  private var classes: ColumnGuide {
    switch self {
    case .category:
      ColumnGuide(
        ColumnGuide.name, "Kind of machine. It decides whether the machine is production equipment.",
        "设备类别，据以判定是否为生产设备。",
        figures: ("base of the ratios of production equipment", "生产设备各项比率的基数"),
        examples: ["lathe", "press", "meter"], chineseExamples: ["车床", "压力机", "电表"])
    case .automation:
      ColumnGuide(
        .words(Automation.allCases.map(\.rawValue)), "Degree of automation.", "设备自动化程度。",
        figures: ("automation ratio", "自动化、智能化设备占比"), examples: ["automatic", "manual", "unclassified"])
    case .intelligent:
      ColumnGuide(
        ColumnGuide.flag, "Whether the machine senses, decides and adapts by itself.",
        "是否具备自感知、自决策、自适应等智能功能。",
        figures: ("automation ratio, intelligent equipment", "自动化、智能化设备占比，智能化设备占比"),
        examples: ["no", "no", "no"])
    case .digital:
      ColumnGuide(
        ColumnGuide.flag, "Whether the machine is controlled or measured digitally.", "是否为数字化设备。",
        figures: ("digital equipment", "生产设备数字化率"), examples: ["yes", "no", "yes"])
    default:
      ColumnGuide(
        ColumnGuide.flag, "Whether the machine has an interface for data.", "是否具备数据接口、可以联网。",
        figures: ("connectable equipment, networked coverage", "可联网率、设备联网率"), examples: ["yes", "no", "yes"])
    }
  }

  private var times: ColumnGuide {
    switch self {
    case .reportInterval:
      ColumnGuide(
        .whole(1...Int(RowReader<EquipmentColumn>.longestInterval)),
        "Time between two messages of the machine, in seconds.", "设备两次上报之间的间隔，单位为秒。",
        figures: ("online and reporting ratio, upload rate", "在线率、上报率、数据上传率"), examples: ["30", "", "300"])
    case .commissionedOn:
      ColumnGuide(
        .day, "First day of service.", "投入使用的首日。", figures: Self.service,
        examples: ["2020-03-05", "2012-10-01", "2023-01-01"])
    case .decommissionedOn:
      ColumnGuide(
        .day, "First day out of service, after the day of commissioning.", "退出使用的首日，须晚于投用日期。",
        figures: Self.service, examples: ["", "2026-06-30", ""])
    default:
      ColumnGuide(
        .day, "Day on which the machine was retrofitted.", "设备改造完成日期。",
        figures: ("comparison before and after the retrofit", "改造前后对比"), examples: ["2024-05-01", "", ""])
    }
  }

  private var meters: ColumnGuide {
    switch self {
    case .energyMeter:
      ColumnGuide(
        ColumnGuide.name, "Id of the energy meter that several machines share; empty for a meter of its own.",
        "多台设备共用的电表编号；独立计量的留空。", figures: Self.energy, examples: ["M01", "M01", ""])
    default:
      ColumnGuide(
        .decimal(0.001...1_000_000_000_000, places: 3),
        "Reading in kWh at which the meter starts again from 0.", "电表归零时的读数（量程），单位为 kWh。",
        figures: Self.energy, examples: ["", "", "999999.99"])
    }
  }

  private var forms: ColumnGuide {
    switch self {
    case .cnc:
      ColumnGuide(
        ColumnGuide.flag, "Whether the machine is numerically controlled.", "是否为数控设备。",
        figures: ("CNC ratio, CNC ratio of key process steps", "装备数控化率、关键工序数控化率"),
        examples: ["yes", "no", ""])
    case .process:
      ColumnGuide(
        ColumnGuide.name, "Name of the process step in which the machine works.", "设备所在工序的名称。",
        figures: ("CNC ratio of key process steps", "关键工序数控化率"),
        examples: ["turning", "pressing", ""], chineseExamples: ["车削", "压装", ""])
    case .keyProcess:
      ColumnGuide(
        ColumnGuide.flag, "Whether the process step is a key one. A key step needs its name.",
        "所在工序是否为关键工序；关键工序须填写工序名称。",
        figures: ("CNC ratio of key process steps", "关键工序数控化率"), examples: ["yes", "no", ""])
    case .idealCycle:
      ColumnGuide(
        .decimal(0.001...86_400, places: 3), "Planned time for one piece, in seconds.", "生产一件产品的标准时间，单位为秒。",
        figures: ("overall equipment effectiveness (OEE)", "设备综合效率（OEE）"), examples: ["12.5", "", ""])
    case .assetValue:
      ColumnGuide(
        .decimal(0...1_000_000_000_000, places: 2), "Net asset value, in yuan.", "资产净值，单位为元。",
        figures: ("ratios by asset value", "按资产净值计算的各项比率"), examples: ["860000", "125000.50", ""])
    case .meterKind:
      ColumnGuide(
        .words(MeterKind.allCases.map(\.rawValue)),
        "Energy that a meter required by GB 17167 measures; none for a meter that is not required.",
        "GB 17167 要求配备的能源计量器具所计量的能源；非必配的填“非必配”。",
        figures: (
          "data points delivered, automatic collection of key energy data", "数据点采集率、关键能源数据自动采集率"
        ),
        examples: ["", "", "electricity"])
    default:
      ColumnGuide(
        ColumnGuide.flag,
        "Whether the machine's counters count the output of its line. Where a line has such a machine, only such "
          + "machines' pieces count for the energy per piece.",
        "设备的计数是否为所在产线的产量。产线有此类设备的，单位产品能耗只计此类设备的产量。",
        figures: ("energy per good piece, data points delivered", "单位产品能耗、数据点采集率"),
        examples: ["yes", "no", ""])
    }
  }
}
