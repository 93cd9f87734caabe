import Daemon
import Reporting

/// The counts of Sparkplug messages in a collector's status, each with what can be done.
struct SparkplugStatusText {
  private typealias Text = (english: String, chinese: String)

  private let counts: CollectorStatus.Sparkplug
  private let language: Language

  init(_ counts: CollectorStatus.Sparkplug, _ language: Language) {
    self.counts = counts
    self.language = language
  }

  private struct Row {
    var count: Int
    var meaning: Text
    var remedy: Text?
  }

  var lines: [String] {
    let head = "Sparkplug".padded(to: 14) + say(("counts since the start", "启动以来的计数"))
    return [head]
      + (values + session).filter { $0.count > 0 }.flatMap { row in
        ["  \(say(row.meaning))\(say((": ", "：")))\(row.count)"]
          + (row.remedy.map { ["    → " + say($0)] } ?? [])
      }
  }

  private func say(_ text: Text) -> String { language == .chinese ? text.chinese : text.english }

  /// Messages and values that could not be used.
  private var values: [Row] {
    [
      Row(
        count: counts.withoutBirth,
        meaning: ("messages of nodes or devices without a birth", "所属节点或设备尚无 birth 消息的消息数"),
        remedy: (
          "Births are requested. If the number grows, let the node obey 'Node Control/Rebirth', and let the broker's access rules allow the collector to publish NCMD.",
          "采集器已请求重发 birth 消息。若持续增加，请使节点响应“Node Control/Rebirth”，并在消息代理的访问控制规则中允许采集器发布 NCMD。"
        )),
      Row(
        count: counts.unknownAliases,
        meaning: ("metrics with an alias that no birth names", "别名未在 birth 消息中声明的指标数"),
        remedy: (
          "Births are requested. If the number grows, let the node name every alias in its births.",
          "采集器已请求重发 birth 消息。若持续增加，请使节点在 birth 消息中声明全部别名。"
        )),
      Row(
        count: counts.otherDeaths,
        meaning: ("deaths of sessions that are not the present one", "不属于当前会话的 death 消息数"),
        remedy: (
          "They end no session. If a node never goes offline, let its NDEATH have the bdSeq of its NBIRTH.",
          "此类消息不结束会话。若节点始终不显示离线，请使其 NDEATH 与 NBIRTH 的 bdSeq 一致。"
        )),
      Row(
        count: counts.badValues,
        meaning: ("values that are null or not of good quality", "为空或质量不良的值数"),
        remedy: (
          "They are left out. Check the connection between the gateway and its machines.",
          "此类值不予采用。请检查网关与设备之间的连接。"
        )),
      Row(
        count: counts.historicalWithoutState,
        meaning: ("historical values without a known state at their time", "所处时刻没有已知状态的历史值数"),
        remedy: (
          "They are left out. Let the node send the state with is_historical and its time before them.",
          "此类值不予采用。请使节点在其之前发送带 is_historical 标志和时间的状态值。"
        )),
      Row(
        count: counts.skippedValues,
        meaning: ("values of a datatype that is no field", "数据类型不能作为字段的值数"),
        remedy: (
          "They are left out. Let the node publish the field as a number, a truth value or text.",
          "此类值不予采用。请使节点以数值、布尔值或文本发布该字段。"
        )),
    ]
  }

  /// The order of messages, and the publications of the host.
  private var session: [Row] {
    [
      Row(
        count: counts.gaps,
        meaning: (
          "gaps in the numbers of messages (\(counts.gapsFilled) filled in time)",
          "消息序号缺口数（及时补齐 \(counts.gapsFilled) 处）"
        ),
        remedy: (
          "Messages were lost or came late. Check the network and the broker's queue limit (max_queued_messages).",
          "消息丢失或迟到。请检查网络以及消息代理的队列上限（max_queued_messages）。"
        )),
      Row(
        count: counts.withoutSequence, meaning: ("messages without a valid number", "没有有效序号的消息数"),
        remedy: (
          "Their loss cannot be noticed. Let the node send seq from 0 to 255.",
          "其丢失无法发现。请使节点发送 0 至 255 的 seq。"
        )),
      Row(count: counts.rebirthRequests, meaning: ("requests for births", "birth 消息请求次数")),
      Row(
        count: counts.statesRepeated,
        meaning: ("repeated statements that the host is online", "重新声明主机在线的次数"),
        remedy: (
          "Another program publishes STATE under the same host_id: give each host its own.",
          "另有程序以相同的 host_id 发布 STATE：请为每个主机设置不同的 host_id。"
        )),
    ]
  }
}
