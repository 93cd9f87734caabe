import Aggregation

/// An alarm of a report: a code of one factory, with the number of times that it was raised.
struct ReportAlarm: Equatable {
  /// Id of the factory in the report of a district; nil in other reports.
  var factory: String?
  var code: String
  var raised: Int
}

extension Report {
  /// The alarms of the period, the most often raised first, then by factory and code. Of a district, equal codes of two
  /// factories are two alarms: each maker has codes of its own.
  var alarms: [ReportAlarm] {
    guard case .district(let ranking) = contents else {
      return figures.time.alarmsByFrequency.map { ReportAlarm(code: $0.code, raised: $0.raised) }
    }
    let alarms = ranking.factories.flatMap { summary in
      summary.figures.time.alarms.map {
        ReportAlarm(factory: summary.factory.id, code: $0.key, raised: $0.value)
      }
    }
    return alarms.sorted { a, b in
      a.raised != b.raised ? a.raised > b.raised : (a.factory ?? "", a.code) < (b.factory ?? "", b.code)
    }
  }
}
