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
        throw CommandFailure(
          .unavailable, "CHROMIUM: '\(named.inert)' is no program that can be run",
          "CHROMIUM：“\(named.inert)”不是可执行程序")
      }
      return PDFPrinter(browser: named)
    }
    if let browser = ProgramPath.find(names) { return PDFPrinter(browser: browser) }
    throw CommandFailure(
      .unavailable,
      "PDF is printed by Chromium, which is not installed: apt-get install chromium, or use --format html",
      "PDF 由 Chromium 打印，本机未安装：请执行 apt-get install chromium，或改用 --format html")
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
        else {
          throw CommandFailure(
            .unavailable, "\(browser): printed no PDF\(complaints)", "\(browser)：未生成 PDF\(complaints)")
        }
        return data
      } catch let error as CommandFailure {
        throw error
      } catch {
        let reason = error.localizedDescription
        throw CommandFailure(
          .cannotWrite, "\(folder.path): cannot be written: \(reason)", "\(folder.path)：无法写入：\(reason)")
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
    do throws(ChildProcess.StartError) {
      process = try ChildProcess(
        browser, arguments, errors: .appending(to: complaints.path), leadsGroup: true)
    } catch {
      throw CommandFailure(error)
    }
    started(process)
    guard let end = process.wait(seconds: Self.limit) else {
      process.send(SIGKILL)
      process.wait()
      let limit = Int(Self.limit)
      throw CommandFailure(
        .unavailable, "\(browser): was still printing after \(limit) s", "\(browser)：\(limit) 秒后仍未打印完成")
    }
    // Where its end is not known, the file tells.
    guard end != .exited(0), end != .unknown else { return "" }
    let text = String(
      decoding: FileManager.default.contents(atPath: complaints.path) ?? Data(), as: UTF8.self)
    let last = String((text.split(separator: "\n").last ?? "").prefix(500))
    throw CommandFailure(
      .unavailable, "\(browser): \(end.words.english)" + (last.isEmpty ? "" : ": " + last),
      "\(browser)：\(end.words.chinese)" + (last.isEmpty ? "" : "：" + last))
  }
}

extension ChildProcess.End {
  /// The end as a predicate.
  fileprivate var words: (english: String, chinese: String) {
    switch self {
    case .exited(let status): ("ended with \(status)", "已结束，退出码 \(status)")
    case .signalled(let signal): ("was ended by signal \(signal)", "被信号 \(signal) 终止")
    case .unknown: ("has ended", "已结束")
    }
  }
}

extension CommandFailure {
  /// A program that could not be started.
  init(_ error: ChildProcess.StartError) {
    let (program, reason) = (error.program.inert, systemError(error.code))
    self.init(.unavailable, "\(program): cannot be started: \(reason)", "\(program)：无法启动：\(reason)")
  }
}
