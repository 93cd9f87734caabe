import Configuration
import Telemetry

/// Keeps to the number of messages that a robot takes in a time: one that gets more refuses all for a while.
package struct SendingPace: Sendable {
  /// Maximum number of messages in any interval of a length.
  package struct Limit: Equatable, Sendable {
    package var messages: Int
    package var span: Span

    /// A limit.
    package init(_ messages: Int, in span: Span) {
      self.messages = messages
      self.span = span
    }
  }

  /// Attempts by receiver, ascending; those that no limit counts any more are left out.
  private var attempts: [String: [Timestamp]] = [:]

  /// A pace after no attempts.
  package init() {}

  /// When the next message may be sent to a receiver; nil: now.
  package func next(_ receiver: String, _ limits: [Limit], at now: Timestamp) -> Timestamp? {
    // A clock that was set back does not make anybody wait for it.
    let past = (attempts[receiver] ?? []).filter { $0 <= now }
    return limits.compactMap { limit in
      let recent = past.filter { now - $0 < limit.span }
      return recent.count >= limit.messages ? recent[recent.count - limit.messages] + limit.span : nil
    }.max()
  }

  /// Notes an attempt.
  package mutating func note(_ receiver: String, _ limits: [Limit], at now: Timestamp) {
    guard let longest = limits.map(\.span).max() else { return }
    let past = (attempts[receiver] ?? []).filter { $0 <= now && now - $0 < longest }
    attempts[receiver] = past + [now]
  }
}

extension AlertReceiver.Kind {
  /// How many messages it takes, a little below what the robots' documents say: messages arrive less evenly than they
  /// are sent.
  package var limits: [SendingPace.Limit] {
    switch self {
    // 20 a minute: https://developer.work.weixin.qq.com/document/path/91770 and
    // https://open.dingtalk.com/document/robots/custom-robot-access; DingTalk then refuses all for ten minutes.
    case .wecom, .dingtalk: [SendingPace.Limit(18, in: .minutes(1))]
    // 100 a minute and 5 a second: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
    case .feishu: [SendingPace.Limit(90, in: .minutes(1)), SendingPace.Limit(4, in: .seconds(1))]
    case .webhook, .mqtt: []
    }
  }
}
