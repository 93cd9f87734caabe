import Alerts
import Configuration
import Journal
import Reporting
import Storage
import Telemetry

/// Lists that are read from the store itself.
extension API {
  func quarantine(_ call: RouteCall) throws -> WebResponse {
    let paging = try Paging(call.request)
    let moment = try site.snapshot().moment
    return try tagged(call, moment) {
      let groups = try site.refusals(for: call.viewer, at: moment)
      let (part, next) = try paging.part(of: groups)
      let terms = Terms(call.language)
      return Self.list(
        "quarantine", asOf: site.calendar.rfc3339(moment.asOf),
        [("refusals", .array(part.map { group in .object(Self.members(of: group, terms, site.calendar)) }))],
        total: groups.count, next)
    }
  }

  private static func members(
    of group: SenderRefusal, _ terms: Terms, _ calendar: LocalCalendar
  ) -> [(key: String, value: JSON)] {
    let refusal = group.refusal
    let remedies = Remedies(terms.language)
    return [
      ("factory", .string(group.key.factory)), ("equipment", .string(group.key.equipment)),
      ("reason", .string(refusal.reason.name)), ("detail", .string(refusal.detail)),
      ("fault", .string(refusal.fault.name)), ("messages", .integer(refusal.messages)),
      ("newest", .string(calendar.rfc3339(refusal.newest))), ("excerpt", .string(refusal.excerpt)),
      ("problem", .string(remedies.problem(refusal))), ("remedy", .string(remedies.remedy(refusal))),
      ("place", .text(refusal.place.map { "\($0.block)/\($0.record)" })),
    ]
  }

  func arrivals(_ call: RouteCall) throws -> WebResponse {
    let paging = try Paging(call.request)
    let moment = try site.snapshot().moment
    return try tagged(call, moment) {
      let arrivals = try site.arrivals(for: call.viewer, at: moment)
      let unread = try UnreadTopics(arrivals, in: site, factory: call.viewer.factory)
      let terms = Terms(call.language)
      let (part, next) = try paging.part(of: arrivals.topics)
      let topics = part.map { topic in
        let advice = unread.advice[topic.topic]
        return JSON.object([
          ("topic", .string(topic.topic)), ("messages", .integer(topic.messages)),
          ("newest", .string(site.calendar.rfc3339(topic.newest))),
          ("bytes", .integer(topic.payloadBytes)),
          ("preview", .string(String(decoding: topic.preview, as: UTF8.self))),
          ("refused", .text(topic.refused?.reason.name)),
          ("near_miss", .text(advice?.miss.map { UnreadWords(terms).problem($0) })),
          ("publish_on", .text(advice?.miss?.suggestion.inert)),
          ("source", .number(advice?.proposal)),
        ])
      }
      return Self.list(
        "arrivals", asOf: site.calendar.rfc3339(moment.asOf),
        [
          ("since", .text(arrivals.since.map(site.calendar.rfc3339))),
          ("messages", .integer(arrivals.messages)), ("topics", .array(topics)),
          (
            "sources",
            .array(
              unread.proposals.enumerated().map { place, proposal in
                .object([
                  (
                    "yaml",
                    .string(
                      unread.configured.contains(place)
                        ? "" : SourcesToAdd.lines(of: proposal, terms).joined(separator: "\n"))
                  ),
                  ("naming", .array(SourcesToAdd.naming(of: proposal).map { .string($0) })),
                ])
              })
          ),
        ], total: arrivals.topics.count, next)
    }
  }

  func evidence(_ call: RouteCall) throws -> WebResponse {
    let paging = try Paging(call.request)
    let moment = try site.snapshot().moment
    return try tagged(call, moment) {
      let roots = try site.closedDays(at: moment)
      let (part, next) = paging.part(of: roots) { $0.day.description }
      let days = part.map { root in
        JSON.object([
          ("day", .string(root.day.description)), ("root", .string(root.root.description)),
          ("previous", .string(root.previous.description)),
          ("first_block", .integer(Int(clamping: root.firstBlock))),
          ("last_block", .integer(Int(clamping: root.lastBlock))),
          ("register", .text(root.register?.hash.description)),
        ])
      }
      return Self.list(
        "evidence", asOf: site.calendar.rfc3339(moment.asOf), [("days", .array(days))], total: roots.count,
        next)
    }
  }

  func alerts(_ call: RouteCall) throws -> WebResponse {
    let text = (try site.alertList() ?? AlertList(ruleProblems: site.ruleProblems)).json(site.calendar)
    let tag = call.tag(Moment.tag(text))
    let headers: [(name: String, value: String)] = [
      ("etag", tag), ("cache-control", "private, no-cache"), ("vary", "Cookie, Authorization"),
    ]
    if call.has(tag) { return WebResponse(status: 304, headers: headers) }
    return Self.response(text + "\n", headers)
  }
}

extension WebSite {
  /// Alerts at this moment; nil if their rules were never evaluated.
  func alertList() throws -> AlertList? {
    guard let book = try AlertBook(reading: settings.alerts.stateFile) else { return nil }
    var list = try AlertList(book, at: now())
    list.ruleProblems = ruleProblems
    return list
  }

  /// Problems of the rules file as it is now; with some, the earlier rules apply.
  var ruleProblems: [SettingsErrors.Problem] { alertRules?.current.errors?.problems ?? [] }

  /// Refused messages that a viewer sees, the most frequent first.
  func refusals(for viewer: Viewer, at moment: Moment) throws -> [SenderRefusal] {
    guard moment.version != nil else { return [] }
    return try store.quarantine().groups(factory: viewer.factory, equipment: nil, reason: nil)
  }

  /// The newest messages that a viewer sees.
  func arrivals(for viewer: Viewer, at moment: Moment) throws -> Arrivals {
    guard moment.version != nil else { return Arrivals() }
    return try Arrivals.read(store, through: newestBlock(at: moment), factory: viewer.factory)
  }

  /// Roots of closed days, ascending.
  func closedDays(at moment: Moment) throws -> [DayRoot] {
    moment.version == nil ? [] : try store.closedDays()
  }
}

extension Viewer {
  /// The only factory that the viewer sees; nil for all.
  var factory: String? {
    switch self {
    case .district: nil
    case .factory(let id): id
    }
  }
}
