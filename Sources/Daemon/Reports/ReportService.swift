import Configuration
import Dispatch
import Journal
import Reporting
import Storage
import Synchronization

/// Makes the reports of a store for many readers: it keeps connections open, and reports as long as the store is in
/// the state they were made from. Any thread may call it; the call blocks while a report is computed.
public final class ReportService: Sendable {
  private let maker: ReportMaker
  private let store: any Store
  private let state: Mutex<State>

  /// The number of reports that are kept; those used longest ago go first.
  public static let capacity = 64
  /// The number of connections that are kept: more threads than this open their own.
  private static let keptReaders = 4

  private struct State: Sendable {
    /// Readers that nobody uses.
    var readers: [any StoreReader] = []
    /// The newest used last.
    var entries: [Entry] = []
    var computations = 0
  }

  private struct Entry: Sendable {
    let version: StoreVersion
    let request: ReportRequest
    let outcome: Outcome
  }

  /// A report that is computed by one thread, and waited for by others.
  private final class Outcome: Sendable {
    private let result = Mutex<Result<Report, any Error>?>(nil)
    private let done = DispatchGroup()

    init() { done.enter() }

    func complete(_ outcome: Result<Report, any Error>) {
      result.withLock { $0 = outcome }
      done.leave()
    }

    func wait() throws -> Report? {
      done.wait()
      return try result.withLock { $0 }?.get()
    }
  }

  /// A service for a store whose reports say `version` as the program's version.
  public init(_ settings: Settings, store: any Store, version: String) {
    maker = ReportMaker(settings: settings, store: store, version: version)
    self.store = store
    state = Mutex(State())
  }

  /// Number of reports that were computed.
  package var computations: Int { state.withLock { $0.computations } }

  /// The report of a request: a kept one if the store has not changed since it was made.
  ///
  /// - Throws: ``Reporting/ReportError`` for a scope that is unknown, ``Aggregation/AssessmentReading/OtherTimeZone``,
  ///   and ``Journal/StoreError``.
  public func report(for request: ReportRequest) throws -> Report {
    guard let (reader, version) = try takeReader() else {
      // Nobody has collected yet: there is nothing to tell states apart by.
      return try compute(request, nil)
    }
    let (outcome, isMine) = claim(request, version)
    guard isMine else {
      keep(reader)
      return try outcome.wait() ?? compute(request, nil)
    }
    let result = Result { try compute(request, reader) }
    // A report of a state that changed meanwhile is right, and not the one of this version.
    let isCurrent = (try? reader.version()) == version
    if case .success = result, isCurrent {} else { forget(outcome) }
    outcome.complete(result)
    if isCurrent { keep(reader) }
    return try result.get()
  }

  /// The district's report and what makes those of its factories, all computed anew.
  public func reports(for request: ReportRequest) throws -> DistrictReports {
    try maker.reports(for: request)
  }

  /// The state of the store that reports are made from now; nil if no collector ever wrote views.
  public func version() throws -> StoreVersion? {
    guard let (reader, version) = try takeReader() else { return nil }
    keep(reader)
    return version
  }

  // MARK: -

  private func compute(_ request: ReportRequest, _ reader: (any StoreReader)?) throws -> Report {
    state.withLock { $0.computations += 1 }
    return try maker.report(for: request, from: reader)
  }

  /// Takes a reader for this thread alone, together with the version that it reads; nil if there are no views yet.
  /// ``keep(_:)`` gives the reader back.
  private func takeReader() throws -> (any StoreReader, StoreVersion)? {
    while let reader = state.withLock({ $0.readers.popLast() }) {
      // One of views that were replaced is dropped.
      do throws(StoreError) { return (reader, try reader.version()) } catch {
        guard error.kind == .removed else { throw error }
      }
    }
    guard try store.hasViews() else { return nil }
    let reader = try store.reader()
    return (reader, try reader.version())
  }

  private func keep(_ reader: any StoreReader) {
    state.withLock { if $0.readers.count < Self.keptReaders { $0.readers.append(reader) } }
  }

  /// The outcome of a request, and whether this thread is to compute it.
  private func claim(_ request: ReportRequest, _ version: StoreVersion) -> (Outcome, isMine: Bool) {
    state.withLock { state in
      if let place = state.entries.lastIndex(where: { $0.version == version && $0.request == request }) {
        let entry = state.entries.remove(at: place)
        state.entries.append(entry)
        return (entry.outcome, false)
      }
      let entry = Entry(version: version, request: request, outcome: Outcome())
      state.entries.append(entry)
      if state.entries.count > Self.capacity { state.entries.removeFirst() }
      return (entry.outcome, true)
    }
  }

  private func forget(_ outcome: Outcome) {
    state.withLock { $0.entries.removeAll { $0.outcome === outcome } }
  }
}
