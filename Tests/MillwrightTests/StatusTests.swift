import Daemon
import Journal
import Reporting
import Storage
import Telemetry
import Testing
import millwright

@Suite("The collector's status") struct StatusTests {
  /// 2026-11-22T08:00:00+08:00.
  private let morning = Timestamp(milliseconds: 1_795_305_600_000)
  private let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc

  /// A status as the collector writes it, of process 4711 at `morning`.
  private func status(_ state: String, failure: String? = nil, extra: String = "") throws -> CollectorStatus?
  {
    let failed = failure.map { #","failure":"\#($0)""# } ?? ""
    let text = #"""
      {"schema":"millwright.status/1","version":"0.1.0","process":4711,"host":"plant","state":"\#(state)"\#(failed)\#(extra),
      "written_at":"2026-11-22T08:00:00.000+08:00","started_at":"2026-11-22T07:00:00.000+08:00",
      "store":"/var/lib/millwright","block":812,"senders":60,
      "broker":{"host":"broker","port":8883,"protocol_version":"5","transport":"tls","library":"2.0.11",
       "client_id":"millwright-ab-0","connected_at":"2026-11-22T07:00:01.000+08:00","resumed":true,"connections":3,
       "takeovers":0,"last_disconnect_reason":"the broker fell silent: no answer"},
      "messages":{"newest_at":"2026-11-22T07:59:58.500+08:00","total":477,"refused":419,"redelivered":2,"former":0,
       "per_second":12.5,"refused_last_minute":7},
      "refusals":[{"reason":"missing_field","messages":419,"last_minute":7,
       "example":{"topic":"factory/F001/W01/E1/status","detail":"ts","at":"2026-11-22T07:59:58.500+08:00","place":"17/3"}}],
      "lag":{"longest_commit":12,"rows":40},"disk":{"total":107374182400,"free":13207024435},"warnings":[],
      "a_field_of_a_later_version":1}
      """#
    return try CollectorStatus(StoredStatus(text: text, changedAt: nil, location: "status.json"))
  }

  private func judge(
    _ status: CollectorStatus?, _ holder: StoreHolder, after seconds: Int64 = 2, changed: Int64? = nil
  ) -> StatusJudgement {
    StatusJudgement(
      status, holder, changed: changed.map { morning + .seconds($0) }, now: morning + .seconds(seconds))
  }

  @Test("Lock and age tell a collector that runs from one that hangs, was killed or was stopped")
  func verdicts() throws {
    let held = StoreHolder.held(process: 4711)
    #expect(judge(try status("connected"), held).verdict == .collecting)
    #expect(judge(try status("disconnected"), held).verdict == .disconnected)
    #expect(judge(try status("starting"), held, after: 600).verdict == .starting)
    #expect(judge(try status("connected"), held, after: 30).verdict == .collecting)
    #expect(judge(try status("connected"), held, after: 31).verdict == .hung)
    // The clock was set back by a minute: the status does not prove that the collector is alive.
    #expect(judge(try status("connected"), held, after: -60).verdict == .hung)
    // On a full disk no status can be written, but the file's time is renewed.
    #expect(judge(try status("connected"), held, after: 600, changed: 599).verdict == .collecting)
    // The thread that writes the status is alive; the one that serves the broker is not.
    let stuck = try status("connected", extra: #","alive_at":"2026-11-22T07:59:20.000+08:00""#)
    #expect(judge(stuck, held, changed: 0).verdict == .hung)
    #expect(judge(stuck, held, after: -11, changed: 0).verdict == .collecting)
    #expect(judge(try status("connected"), .held(process: 99)).verdict == .silent)
    #expect(judge(nil, held).verdict == .silent)
    #expect(judge(try status("connected"), .free).verdict == .ended)
    #expect(judge(try status("failed", failure: "x"), .free).verdict == .ended)
    #expect(judge(try status("stopped"), .free).verdict == .stopped)
    #expect(judge(nil, .free).verdict == .never)
    #expect(judge(nil, .unknown).verdict == .unknown)
  }

  @Test("As text, in English and Chinese") func text() throws {
    let running = judge(try status("connected"), .held(process: 4711))
    let english = StatusText(running, .english, shanghai, now: morning + .seconds(2)).lines
    #expect(
      english == [
        "The collector runs and is connected.", "",
        "Collector     Millwright 0.1.0, process 4711 on plant, started 2026-11-22 07:00:00+08:00",
        "Broker        broker:8883 (MQTT 5, TLS, libmosquitto 2.0.11)",
        "Connection    2026-11-22 07:00:01+08:00, session resumed, connection 3 since the start, as millwright-ab-0",
        "Newest        2026-11-22 07:59:58+08:00, 3 s ago",
        "Messages      477 since the start, 12.5 a second in the last minute",
        "Lag           longest commit of the last minute 12 ms, 40 rows waiting for the views",
        "Disk          12.3 GiB free of 100.0 GiB (12.3 %)",
        "Store         /var/lib/millwright, journal block 812, 60 senders",
        "Refused       419 since the start, 7 in the last minute",
        "  missing_field        419  factory/F001/W01/E1/status (ts)",
        "    → Add ts: 2026-11-22T08:00:00.000+08:00, or milliseconds since 1970.",
        "    millwright quarantine show 17/3",
      ])
    let chinese = StatusText(running, .chinese, shanghai, now: morning + .seconds(2)).lines
    #expect(chinese[0] == "采集器正在运行，已连接。")
    #expect(chinese[5] == "最新消息      2026-11-22 07:59:58+08:00，3 秒前")
    #expect(chinese[10] == "拒收          启动以来 419 条，最近一分钟 7 条")
  }

  @Test("Refused messages that could be read now are offered last, in both languages") func offer() throws {
    var status = try #require(try status("connected"))
    func last(_ language: Language) -> String? {
      StatusText(judge(status, .held(process: 4711)), language, shanghai, now: morning).lines.last
    }
    #expect(last(.english) == "    millwright quarantine show 17/3")
    status.messages.readable = 3
    #expect(last(.english) == "  3 refused messages would be read now: millwright quarantine retry")
    #expect(last(.chinese) == "  现有 3 条拒收消息按现行配置可读取：millwright quarantine retry")
    status.messages.readable = 1
    #expect(last(.english) == "  1 refused message would be read now: millwright quarantine retry")
    #expect(try CollectorStatus(StoredStatus(text: status.text, changedAt: nil, location: "")) == status)
  }

  @Test("Messages for filters of earlier configurations are counted, if there are any") func former() throws {
    var status = try #require(try status("connected"))
    status.messages.former = 2
    func row(_ language: Language) -> String {
      StatusText(judge(status, .held(process: 4711)), language, shanghai, now: morning).lines[7]
    }
    #expect(
      row(.english)
        == "Set aside     2 messages for filters of earlier configurations, stored and not counted; if the number grows, see the log for the unsubscription"
    )
    #expect(row(.chinese) == "未计入        2 条消息属于此前配置的主题，仅保存，不计入；若持续增加，请查看日志中的取消订阅记录")
  }

  @Test("What Sparkplug messages did not give is counted last, each with a remedy") func sparkplug() throws {
    let extra = #"""
      ,"sparkplug":{"without_birth":0,"unknown_aliases":0,"other_deaths":0,"bad_values":2,
       "historical_without_state":3,"skipped_values":0,"gaps":4,"gaps_filled":1,"without_sequence":0,
       "rebirth_requests":5,"states_repeated":0}
      """#
    let status = try status("connected", extra: extra)
    let english = StatusText(judge(status, .held(process: 4711)), .english, shanghai, now: morning).lines
    #expect(
      english.suffix(8) == [
        "Sparkplug     counts since the start", "  values that are null or not of good quality: 2",
        "    → They are left out. Check the connection between the gateway and its machines.",
        "  historical values without a known state at their time: 3",
        "    → They are left out. Let the node send the state with is_historical and its time before them.",
        "  gaps in the numbers of messages (1 filled in time): 4",
        "    → Messages were lost or came late. Check the network and the broker's queue limit (max_queued_messages).",
        "  requests for births: 5",
      ])
    let chinese = StatusText(judge(status, .held(process: 4711)), .chinese, shanghai, now: morning).lines
    #expect(
      chinese.suffix(5).prefix(2) == [
        "  所处时刻没有已知状态的历史值数：3", "    → 此类值不予采用。请使节点在其之前发送带 is_historical 标志和时间的状态值。",
      ])
  }

  @Test("One that is hung or was killed is not called running, and what follows is dated") func honest()
    throws
  {
    let hung = judge(try status("connected"), .held(process: 4711), after: 3600)
    let lines = StatusText(hung, .english, shanghai, now: morning + .seconds(3600)).lines
    #expect(
      lines[0].hasPrefix(
        "The collector does NOT answer (process 4711): it holds the store and has shown no sign of life for 60 min."
      ))
    #expect(lines[1] == "What follows is as of 2026-11-22 08:00:00+08:00.")
    let killed = judge(try status("connected"), .free, after: 3600)
    #expect(
      StatusText(killed, .chinese, shanghai, now: morning + .seconds(3600)).lines[0]
        == "采集器未运行。上次异常结束，未留下原因：进程被强制终止，或主机断电。")
    #expect(!killed.isWell && !hung.isWell)
  }

  @Test("What a status file says steers no terminal, and one that is damaged is an error") func hostile()
    throws
  {
    let damaged = StoredStatus(text: "{", changedAt: nil, location: "/store/status.json")
    #expect(throws: StoreError.self) { try CollectorStatus(damaged) }
    let status = try status("failed", failure: "\\u001b[2Jgone")
    let lines = StatusText(judge(status, .free), .english, shanghai, now: morning).lines
    #expect(lines[0] == "The collector does NOT run. It ended: \\u{1B}[2Jgone")
  }

  @Test("A reason is logged at once, then once a minute with what came meanwhile") func refusals() {
    var log = RefusalLog()
    let start = ContinuousClock.now
    func lines(_ malformed: Int, _ future: Int, after seconds: Int) -> [String] {
      log.lines([(.malformed, malformed), (.future, future)], at: start + .seconds(seconds))
        .map { "\($0.reason.name) \($0.messages)" }
    }
    #expect(lines(3, 0, after: 0) == ["malformed 3"])
    #expect(lines(90, 1, after: 1) == ["future 1"])
    #expect(lines(200, 1, after: 59) == [])
    #expect(lines(201, 1, after: 60) == ["malformed 198"])
    #expect(lines(201, 1, after: 600) == [])
    #expect(lines(202, 2, after: 601) == ["malformed 1", "future 1"])
  }
}
