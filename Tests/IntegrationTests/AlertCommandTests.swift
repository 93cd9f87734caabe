import Foundation
import Processes
import TestSupport
import Testing

/// The commands for alerts, through the executable.
@Suite("Alert commands") struct AlertCommandTests {
  private let folder: TemporaryDirectory
  private let broker: MosquittoBroker

  init() throws {
    folder = try TemporaryDirectory("alert-commands")
    broker = try MosquittoBroker()
    try configure("alerts: { rules_file: alerts.yaml, state_file: alerts.sqlite }")
    try folder.write(
      "alerts.yaml",
      """
      receivers:
        - { name: topic, type: mqtt, topic: millwright/alerts }
        - { name: robot, type: wecom, url_file: none }
      rules:
        - { name: gap, kind: observation_gap, for: 5m, receivers: topic }

      """)
  }

  private func configure(_ alerts: String) throws {
    try folder.write(
      "millwright.yaml",
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      mqtt: { host: 127.0.0.1, port: \(broker.port) }
      store: sqlite:store
      \(alerts)

      """)
  }

  private func alert(_ arguments: [String], _ language: String = "en") throws -> CommandResult {
    try run(
      Installation.executable,
      ["alert"] + arguments + ["--lang", language, "--config", folder.file("millwright.yaml")])
  }

  @Test("A list says why it is empty") func empty() throws {
    #expect(
      try alert(["list"]).output
        == "The rules were never evaluated: 'millwright serve' does it every minute.\nNo alert is raised.\n")
    #expect(try alert(["list"], "zh").output == "规则尚未执行：由 millwright serve 每分钟执行一次。\n当前没有告警。\n")
    #expect(
      try alert(["list", "--format", "json"]).output
        == #"{"alerts":[],"failures":[],"schema":"millwright.alerts/1","silences":[]}"# + "\n")
    try configure("")
    #expect(
      try alert(["list"], "zh").output == "没有告警规则：请设置 alerts.rules_file，如 alerts.yaml。\n当前没有告警。\n")
  }

  @Test("A list says what is wrong with the rules file, and what to do about a damaged database")
  func faults()
    throws
  {
    try folder.write("alerts.yaml", "rules: [{ name: gap, kind: gap }]\n")
    let list = try alert(["list"], "zh")
    #expect(list.status == 0)
    #expect(
      list.output.contains(
        "规则文件有误；正在运行的服务仍按原有规则执行：\n  \(folder.file("alerts.yaml")) 第 1 行"))
    #expect(try alert(["list", "--format", "json"]).output.contains(#""rule_problems":[{"text_en":"#))
    try folder.write("alerts.sqlite", String(repeating: "no database\n", count: 100))
    let damaged = try alert(["list"], "zh")
    #expect(
      damaged.status == 65
        && damaged.errors
          == "\(folder.file("alerts.sqlite"))：文件已损坏（file is not a database）：请移走该文件，持续中的告警将重新触发\n"
    )
  }

  @Test("A receiver is tested, and its answer printed") func test() throws {
    let result = try alert(["test", "topic"])
    #expect(result.output == "topic has taken the test message; it answered: PUBACK\n")
    #expect(result.status == 0 && result.errors == "")
    let failed = try alert(["test", "robot"], "zh")
    #expect(failed.status == 69)
    #expect(
      failed.errors == "robot 未接收测试消息：无法读取机密文件 \(folder.file("none"))：应为一行 UTF-8 文本，权限为 0600\n")
    let unknown = try alert(["test", "topc"])
    #expect(unknown.status == 66)
    #expect(
      unknown.errors == "there is no receiver 'topc' (did you mean 'topic'?); those there are: topic, robot\n"
    )
  }

  @Test("A rule is silenced for a time, and listed with the reason") func silence() throws {
    let until = ["--until", "2099-01-01", "--reason", "x"]
    let silenced = try alert(["silence", "gap", "--for", "2h", "--reason", "power works"])
    #expect(silenced.status == 0 && silenced.output.hasPrefix("gap is silenced until "))
    let listed = try alert(["list"]).output
    #expect(listed.hasSuffix(": power works\n") && listed.contains("\nSilences:\n  gap until "))
    for (arguments, status, message) in [
      (["silence", "gop", "--for", "2h", "--reason", "x"], 66, "没有名为“gop”的规则或告警；可用：gap\n"),
      (["silence", "gap", "--reason", "x"], 64, "请在 --for 和 --until 中指定一项\n"),
      (["silence", "gap"] + until, 64, "静默的结束时间应在今后 31 天之内\n"),
      (["silence", "gap", "--for", "soon", "--reason", "x"], 64, "--for：“soon”不是时长，如 30m、4h、2d\n"),
    ] as [([String], Int32, String)] {
      let result = try alert(arguments, "zh")
      #expect(result.status == status && result.errors == message, "\(arguments): \(result.errors)")
    }
  }

  @Test("Without rules, and with wrong ones, receivers cannot be tested") func rules() throws {
    try folder.write("alerts.yaml", "rules: [{ name: a, kind: observation_gap }]\n")
    let wrong = try alert(["test", "topic"], "zh")
    #expect(wrong.status == 78)
    #expect(
      wrong.errors
        == "\(folder.file("alerts.yaml")) 第 1 行第 9 列：rules[0].for：缺失：observation_gap 须填写持续时间，如 30m\n")
    try configure("alerts: { rules_file: nowhere.yaml }")
    #expect(
      try alert(["test", "topic"], "zh").errors.hasSuffix(
        "alerts.rules_file：\(folder.file("nowhere.yaml"))：文件不存在\n"))
    try configure("")
    #expect(try alert(["test", "topic"]).status == 78)
  }
}
