import Foundation
import Listening
import Reporting
import Telemetry

/// The messages heard, as JSON for programs: `millwright.listen/1`.
enum ListenJSON {
  private struct Output: Encodable {
    var schema = "millwright.listen/1"
    var place: String
    var filter: String
    var milliseconds: Int64
    var failure: String?
    var messages: Int
    var bytes: Int
    /// Messages on topics beyond the bound, and lines that are no messages.
    var messagesLeftOut: Int
    var linesLeftOut: Int
    /// Messages that were too large or too many to be kept as samples.
    var samplesLeftOut: Int
    var topics: [Topic]
    var proposals: [Source]
  }

  private struct Topic: Encodable {
    var topic: String
    var form: String
    var messages: Int
    var bytes: Int
    var retained: Int
    /// Place of the present source, from 0.
    var source: Int?
    var read: Int
    var events: [Event]
    var refusals: [Refusal]
    var nearMiss: Miss?
    /// Place of the proposal, from 0.
    var proposal: Int?
  }

  private struct Event: Encodable {
    var factory: String
    var workshop: String?
    var equipment: String
    var kind: String
    var time: String?
    var state: String?
    var mode: String?
    var energyKwh: String?
    var good: String?
    var total: String?
    var alarms: Bool

    init(_ event: HeardEvent) {
      factory = event.factory
      workshop = event.workshop.isEmpty ? nil : event.workshop
      equipment = event.equipment
      kind =
        switch event.kind {
        case .reading: "reading"
        case .online: "online"
        case .offline: "offline"
        }
      time = event.time?.rfc3339
      state = event.state?.name
      mode = event.mode == .unstated ? nil : event.mode.name
      energyKwh = event.energy.map { Thousandths.text($0) }
      good = event.good.map { Thousandths.text($0) }
      total = event.total.map { Thousandths.text($0) }
      alarms = event.hasAlarms
    }
  }

  private struct Refusal: Encodable {
    var reason: String
    var detail: String
    var fault: String
    var messages: Int?
  }

  private struct Miss: Encodable {
    var kind: String
    var text: String
    var template: String
    var suggestion: String
  }

  private struct Source: Encodable {
    var form: String
    /// Lines of YAML for `sources`.
    var yaml: String
    var isFit: Bool
    var equipment: Int
    var events: [Event]
    var refusals: [Refusal]
    var notes: [String]
    /// Lines of a naming file for names that are not ids, or that several machines have.
    var naming: [String]
  }

  /// The document on one line.
  static func text(_ survey: Survey, _ hearing: Hearing, _ words: ListenText) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let output = Output(
      place: hearing.place, filter: hearing.filter, milliseconds: hearing.milliseconds,
      failure: hearing.failure,
      messages: survey.messages, bytes: survey.bytes, messagesLeftOut: survey.messagesLeftOut,
      linesLeftOut: hearing.faultCount, samplesLeftOut: survey.samplesLeftOut,
      topics: survey.topics.map { topic($0, words) },
      proposals: survey.proposals.map { source($0, words) })
    return String(decoding: try encoder.encode(output), as: UTF8.self).inertJSON
  }

  private static func topic(_ topic: Survey.Topic, _ words: ListenText) -> Topic {
    Topic(
      topic: topic.text, form: topic.form.name, messages: topic.messages, bytes: topic.bytes,
      retained: topic.retained, source: topic.source, read: topic.read, events: topic.events.map(Event.init),
      refusals: topic.refusals.map { refusal($0.refusal, $0.messages) },
      nearMiss: topic.nearMiss.map {
        Miss(
          kind: $0.difference.name, text: words.describe($0), template: $0.template, suggestion: $0.suggestion
        )
      }, proposal: topic.proposal)
  }

  private static func refusal(_ refusal: HeardRefusal, _ messages: Int?) -> Refusal {
    Refusal(
      reason: refusal.reason.name, detail: RejectionDetail.shown(refusal.detail), fault: refusal.fault.name,
      messages: messages)
  }

  private static func source(_ proposal: Proposal, _ words: ListenText) -> Source {
    Source(
      form: proposal.form.name, yaml: proposal.lines { words.note($0) }.joined(separator: "\n"),
      isFit: proposal.isFit, equipment: proposal.equipmentCount, events: proposal.events.map(Event.init),
      refusals: proposal.refusals.map { refusal($0, nil) }, notes: proposal.notes.map { words.note($0) },
      naming: proposal.names.map(\.csv))
  }
}
