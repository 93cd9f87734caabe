import Aggregation
import Daemon
import Foundation
import Storage
import Telemetry
import Web

/// 2026-11-22T08:00:00+08:00, when the status was written.
let morning = Timestamp(milliseconds: 1_795_305_600_000)

/// The top of the checkout.
let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// A status as the collector writes it, of process 4711.
func status(
  state: String = "connected", written: String = "2026-11-22T08:00:00.000+08:00", total: Int = 477,
  free: Int = 13_207_024_435, extra: String = ""
) throws -> CollectorStatus {
  let text = #"""
    {"schema":"millwright.status/1","version":"0.1.0","process":4711,"host":"plant","state":"\#(state)"\#(extra),
    "written_at":"\#(written)","started_at":"2026-11-22T07:00:00.000+08:00",
    "store":"/var/lib/millwright","block":812,"senders":60,
    "broker":{"host":"broker","port":8883,"protocol_version":"5","transport":"tls","library":"2.0.11",
     "client_id":"millwright-ab-0","connected_at":"2026-11-22T07:00:01.000+08:00","resumed":true,"connections":3,
     "takeovers":1},
    "messages":{"newest_at":"2026-11-22T07:59:58.500+08:00","total":\#(total),"refused":21,"redelivered":2,"former":4,
     "windows":90,"per_second":12.5,"refused_last_minute":7,"readable":5},
    "refusals":[{"reason":"missing_field","messages":19,"last_minute":7},{"reason":"of_a_later_version","messages":2,"last_minute":0}],
    "sparkplug":{"without_birth":1,"unknown_aliases":2,"other_deaths":3,"bad_values":4,"historical_without_state":5,
     "skipped_values":6,"gaps":7,"gaps_filled":8,"without_sequence":9,"rebirth_requests":10,"states_repeated":11},
    "lag":{"longest_commit":12,"rows":40},"memory":{"resident":24117248},
    "disk":{"total":107374182400,"free":\#(free)},
    "warnings":[{"code":"disk_low","english":"a","chinese":"b"},{"code":"of_later","english":"a","chinese":"b"}]}
    """#
  return try CollectorStatus(StoredStatus(text: text, changedAt: nil, location: "status.json"))
}

/// The judgement of a status `seconds` after ``morning``.
func judge(
  _ status: CollectorStatus?, _ holder: StoreHolder = .held(process: 4711), after seconds: Int64 = 1
) -> StatusJudgement {
  StatusJudgement(status, holder, changed: nil, now: morning + .seconds(seconds))
}

/// Ten machines in service in two factories.
var district: DistrictCounts {
  var a = Figures()
  (a.equipment, a.automated, a.intelligent, a.digital, a.connectable) = (6, 5, 1, 6, 5)
  (a.networked, a.networkedDigital, a.networkedConnectable, a.online, a.reporting) = (4, 4, 4, 3, 2)
  (a.buckets.reporting, a.buckets.silent, a.buckets.offline, a.buckets.neverSeen) = (2, 1, 2, 1)
  (a.buckets.retired, a.buckets.unregistered) = (3, 7)
  var b = Figures()
  (b.equipment, b.automated, b.digital, b.connectable) = (4, 1, 2, 2)
  (b.buckets.refused, b.buckets.notConnectable, b.buckets.neverSeen) = (1, 2, 1)
  (b.buckets.auxiliary, b.buckets.notYetInService) = (2, 1)
  var both = a
  both += b
  return DistrictCounts(
    asOf: morning - .milliseconds(250), figures: both,
    factories: [.init(id: "F001", figures: a), .init(id: "F002", figures: b)], repairsPending: 9)
}

let server = ServerActivity(
  version: "0.1.0", startedAt: morning - .hours(1), requests: [2: 900, 3: 80, 4: 7], viewers: 12,
  failedLogins: 5)

/// The page with everything.
func wholePage(_ status: CollectorStatus, namesFactories: Bool = true) -> MetricsPage {
  MetricsPage(
    judge(status), district, server, namesFactories: namesFactories, now: morning + .seconds(1))
}
