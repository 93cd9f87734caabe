import Telemetry

/// Usual names of fields and words of states, by which roles of fields are guessed. Names are compared without letter
/// case, spaces, hyphens, underscores and dots.
enum FieldNames {
  static func normal(_ name: String) -> String {
    String(name.lowercased().filter { !" _-.".contains($0) })
  }

  static let time = [
    "ts", "timestamp", "time", "datetime", "date", "t", "timestampms", "tsms", "eventtime", "sourcetimestamp",
    "collecttime", "采集时间", "时间", "时间戳", "记录时间", "上报时间",
  ]
  static let state = [
    "state", "status", "machinestate", "machinestatus", "runstate", "runstatus", "runningstate",
    "runningstatus",
    "equipmentstate", "equipmentstatus", "devicestate", "devicestatus", "statecurrent", "currentstate",
    "statecode", "statuscode", "machineryitemstate", "状态", "运行状态", "设备状态", "机床状态", "runflag", "running",
    "run", "isrunning", "active", "executing", "运行", "on", "st", "s",
  ]
  /// Those of ``state`` that only say whether the machine runs.
  static let run = ["runflag", "running", "run", "isrunning", "active", "executing", "运行", "on"]
  static let energy = [
    "energy", "energytotal", "totalenergy", "electricity", "energycounter", "activeenergy", "电能", "电量", "能耗",
    "用电量", "电度",
  ]
  static let good = [
    "good", "goodcount", "goodparts", "goodqty", "partsok", "ok", "okcount", "yield", "合格数", "良品数", "合格",
    "良品",
  ]
  static let total = [
    "total", "totalcount", "count", "counter", "partcount", "partscount", "parts", "pieces", "piececount",
    "produced", "production", "output", "all", "产量", "总数", "总产量", "计数", "加工数",
  ]
  static let alarms = [
    "alarms", "alarm", "alarmcode", "alarmcodes", "errors", "error", "errorcode", "errorcodes", "faultcode",
    "faultcodes", "faults", "报警", "报警码", "报警代码", "故障码", "故障代码", "告警",
  ]
  /// Fields that say whether there is a fault.
  static let faulty = ["alarm", "fault", "error", "alarmactive", "hasalarm", "isfault", "报警", "故障", "告警"]
  static let mode = [
    "mode", "opmode", "operatingmode", "runmode", "machinemode", "模式", "运行模式", "工作模式", "auto",
  ]
  static let equipment = [
    "equipment", "equipmentid", "machine", "machineid", "machinename", "device", "deviceid", "devicename",
    "deviceno",
    "asset", "assetid", "node", "id", "name", "sn", "serial", "serialnumber", "设备", "设备编号", "设备号", "机台",
    "机台号",
  ]
  static let workshop = ["workshop", "workshopid", "area", "hall", "shop", "车间"]

  /// The meaning of a word for a state, or nil if it is not known.
  static func state(_ word: String) -> EquipmentState? {
    let word = normal(word)
    return states.first { $0.words.contains(word) }?.state
  }

  private static let states: [(state: EquipmentState, words: Set<String>)] = [
    (
      .running,
      [
        "running", "run", "runs", "active", "executing", "execute", "producing", "production", "working",
        "work",
        "busy", "started", "start", "on", "true", "1", "r", "运行", "运行中", "加工", "加工中", "工作", "工作中", "生产",
        "生产中", "自动运行", "启动", "是",
      ]
    ),
    (
      .idle,
      [
        "idle", "idling", "standby", "ready", "wait", "waiting", "false", "0", "i", "待机", "空闲", "等待", "就绪",
        "否",
      ]
    ),
    (
      .setup, ["setup", "adjust", "adjusting", "changeover", "settingup", "调试", "换型", "调机", "换模"]
    ),
    (
      .stopped,
      [
        "stopped", "stop", "halt", "halted", "held", "hold", "paused", "pause", "aborted", "s", "停机", "停止",
        "暂停",
      ]
    ),
    (
      .fault,
      [
        "fault", "faulted", "error", "err", "alarm", "failure", "failed", "trip", "tripped", "estop",
        "emergency", "f",
        "故障", "报警", "急停", "异常",
      ]
    ),
    (
      .maintenance,
      ["maintenance", "maint", "service", "repair", "m", "保养", "维修", "检修", "维护"]
    ),
    (.off, ["off", "poweroff", "shutdown", "关机", "断电"]),
  ]

  /// The meaning of a word for a mode, or nil if it is not known.
  static func mode(_ word: String) -> OperatingMode? {
    switch normal(word) {
    case "automatic", "auto", "aut", "a", "mdi", "mem", "自动", "true", "1": .automatic
    case "manual", "man", "hand", "jog", "m", "handle", "手动", "false", "0": .manual
    default: nil
    }
  }

  /// The factor to kWh of a field by its name; nil if it is no energy.
  static func energyFactor(_ name: String) -> String? {
    let name = normal(name)
    if name.contains("kwh") { return "1" }
    if name.hasSuffix("mwh") { return "1000" }
    if name == "wh" || name.hasSuffix("energywh") { return "0.001" }
    return energy.contains(name) ? "1" : nil
  }
}
