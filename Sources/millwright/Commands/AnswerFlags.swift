import Aggregation
import Configuration
import Daemon
import Register
import Reporting
import SQLiteStore
import Storage
import Telemetry

/// Reads the flags that an answer shows: those of the last complete month.
struct AnswerFlags {
  /// Maximum number of factories whose flags are read: a report is computed for each.
  static let mostFactories = 500

  let store: StoreOptions
  let say: CommandWording

  /// The flags against some factories, except those about the data.
  ///
  /// Data that cannot be read are said on standard error, and in the answer: the check of the files is still of use.
  ///
  /// - Parameters:
  ///   - factories: ids, ascending. A factory that neither the register nor a sender names has no flags.
  ///   - directory: the store's folder; nil without a store.
  func read(of factories: [String], in directory: String?) throws -> AnswerContext.Flags {
    guard directory != nil else { return .notRead(.noData) }
    let settings: Settings
    do throws(SettingsErrors) {
      settings = try store.settings()
    } catch {
      guard error.isMissingFile else { throw error }
      return .notRead(.noConfiguration)
    }
    do {
      guard try settings.storeDirectory.hasViews() else { return .notRead(.noData) }
      return try read(of: factories, settings)
    } catch {
      printError(
        say(
          "warning: the flags of the factories were not looked up: \(error)", "警告：未核对企业疑点：\(error)"))
      return .notRead(.unreadable)
    }
  }

  private func read(of factories: [String], _ settings: Settings) throws -> AnswerContext.Flags {
    let calendar = settings.district.calendar
    let now = InstantArgument.now
    guard let days = NamedPeriod.days("last-month", today: calendar.day(at: now)) else {
      return .notRead(.noData)
    }
    let period = Period(from: days.lowerBound, to: days.upperBound, calendar: calendar, now: now)
    let service = ReportService(settings, store: settings.storeDirectory, version: Version.current)
    var flags: [AuditFlag] = []
    for factory in factories.prefix(Self.mostFactories) {
      let request = ReportRequest(
        on: .factory(factory), over: period, asOf: period.asOf, now: now, readsRetrofits: false,
        readsPrevious: false)
      do {
        flags += Self.embellishing(try service.report(for: request))
      } catch is ReportError {
        continue
      }
    }
    return .read(
      flags, days: days, factoriesLeftOut: max(0, factories.count - Self.mostFactories))
  }

  /// The flags of a report that the factory has to explain. Without any observation, it is no fault of the factory that
  /// a claim has no evidence.
  private static func embellishing(_ report: Report) -> [AuditFlag] {
    report.flags.filter { flag in
      flag.kind.subject != .data && !(report.observation.isNothing && flag.kind == .claimWithoutEvidence)
    }
  }
}
