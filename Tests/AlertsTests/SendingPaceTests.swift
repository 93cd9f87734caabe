import Alerts
import Configuration
import Telemetry
import Testing

@Suite("Pace of messages to robots") struct SendingPaceTests {
  /// Seconds at which messages are sent that are all waiting at the beginning.
  private func seconds(_ messages: Int, _ limits: [SendingPace.Limit]) -> [Int64] {
    var pace = SendingPace()
    var now = Sample.morning
    return (0..<messages).map { _ in
      if let next = pace.next("a", limits, at: now) { now = next }
      pace.note("a", limits, at: now)
      return (now - Sample.morning).milliseconds / 1000
    }
  }

  @Test("Robots of WeCom and DingTalk get at most 18 messages in any minute, of Feishu 4 in a second")
  func limits() {
    for kind in [AlertReceiver.Kind.wecom(urlFile: "u"), .dingtalk(urlFile: "u", secretFile: nil)] {
      #expect(
        seconds(40, kind.limits)
          == Array(repeating: 0, count: 18) + Array(repeating: 60, count: 18)
          + Array(repeating: 120, count: 4))
    }
    let feishu = seconds(100, AlertReceiver.Kind.feishu(urlFile: "u", secretFile: nil).limits)
    #expect(Array(feishu.prefix(9)) == [0, 0, 0, 0, 1, 1, 1, 1, 2])
    #expect(feishu[89] == 22 && feishu[90] == 60 && feishu[94] == 61)
    #expect(seconds(1000, AlertReceiver.Kind.mqtt(topic: "t").limits).allSatisfy { $0 == 0 })
  }

  @Test("Receivers do not wait for one another, and nobody for a clock that was set back") func clocks() {
    let limits = [SendingPace.Limit(1, in: .minutes(1))]
    var pace = SendingPace()
    pace.note("a", limits, at: Sample.at(10))
    #expect(pace.next("a", limits, at: Sample.at(10)) == Sample.at(11))
    #expect(pace.next("b", limits, at: Sample.at(10)) == nil)
    #expect(pace.next("a", limits, at: Sample.at(11)) == nil)
    #expect(pace.next("a", limits, at: Sample.at(9)) == nil)
  }
}
