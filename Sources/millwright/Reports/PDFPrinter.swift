import Foundation
import Processes
import Synchronization

/// Prints an HTML report as PDF by a Chromium that is installed; it is started without a window, without a network
/// and with a profile of its own that is removed afterwards.
struct PDFPrinter {
  /// The browser's path.
  let browser: String

  /// How long one report may take.
  private static let limit = 60.0
  private static let names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]

  /// The browser that `CHROMIUM` names, else the first of the usual names that is on the path.
  ///
  /// - Throws: what to install where there is none.
  static func find() throws -> PDFPrinter {
    let environment = ProcessInfo.processInfo.environment
    if let named = environment["CHROMIUM"] {
      guard FileManager.default.isExecutableFile(atPath: named) else {
        throw CommandFailure(.unavailable, "CHROMIUM: '\(named)' is no program that can be run")
      }
      return PDFPrinter(browser: named)
    }
    if let browser = ProgramPath.find(names) { return PDFPrinter(browser: browser) }
    throw CommandFailure(
      .unavailable,
      "PDF is printed by Chromium, which is not installed: apt-get install chromium, or use --format html")
  }

  /// The page's PDF. An interruption ends the browser, and leaves nothing behind.
  func print(_ page: String) throws -> Data {
    let running = Mutex<ChildProcess?>(nil)
    return try PrivateFolder.with("pdf", interrupted: { running.withLock { $0?.send(SIGKILL) } }) { path in
      let folder = URL(fileURLWithPath: path)
      do {
        let source = folder.appendingPathComponent("report.html")
        let target = folder.appendingPathComponent("report.pdf")
        try Data(page.utf8).write(to: source)
        let complaints = try run(source, target, in: folder) { process in running.withLock { $0 = process } }
        guard let data = FileManager.default.contents(atPath: target.path),
          data.starts(with: Data("%PDF-".utf8))
        else { throw CommandFailure(.unavailable, "\(browser): printed no PDF\(complaints)") }
        return data
      } catch let error as CommandFailure {
        throw error
      } catch {
        throw CommandFailure(.cannotWrite, "\(folder.path): cannot be written: \(error.localizedDescription)")
      }
    }
  }

  /// Runs the browser to its end; returns what it complained of.
  private func run(
    _ source: URL, _ target: URL, in folder: URL, started: (ChildProcess) -> Void
  ) throws -> String {
    let complaints = folder.appendingPathComponent("complaints")
    let arguments =
      [
        "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions",
        "--disable-background-networking",
        "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
        "--user-data-dir=\(folder.path)/profile", "--print-to-pdf=\(target.path)",
      ]
      // Its sandbox cannot be set up by root; the page is our own, and runs and loads nothing.
      + (geteuid() == 0 ? ["--no-sandbox"] : []) + [source.absoluteString]
    let process: ChildProcess
    do {
      process = try ChildProcess(
        browser, arguments, errors: .appending(to: complaints.path), leadsGroup: true)
    } catch {
      throw CommandFailure(.unavailable, "\(error)")
    }
    started(process)
    guard let end = process.wait(seconds: Self.limit) else {
      process.send(SIGKILL)
      process.wait()
      throw CommandFailure(.unavailable, "\(browser): was still printing after \(Int(Self.limit)) s")
    }
    // Where its end is not known, the file tells.
    guard end != .exited(0), end != .unknown else { return "" }
    let text = String(
      decoding: FileManager.default.contents(atPath: complaints.path) ?? Data(), as: UTF8.self)
    let last = String((text.split(separator: "\n").last ?? "").prefix(500))
    throw CommandFailure(
      .unavailable, "\(browser): \(end.words)" + (last.isEmpty ? "" : ": " + last))
  }
}

extension ChildProcess.End {
  /// The end as a predicate.
  fileprivate var words: String {
    switch self {
    case .exited(let status): "ended with \(status)"
    case .signalled(let signal): "was ended by signal \(signal)"
    case .unknown: "has ended"
    }
  }
}
