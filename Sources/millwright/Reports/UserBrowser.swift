import Foundation
import Processes

/// The user's browser, as the desktop starts it.
struct UserBrowser {
  /// Path of `xdg-open`.
  private let opener: String

  /// Seconds after which an opener that is still running counts as successful: some run as long as the browser.
  private static let patience = 2.0

  /// The browser of this desktop.
  ///
  /// - Throws: exit 69 with a remedy if there is no program that opens files.
  static func find() throws -> UserBrowser {
    guard let opener = ProgramPath.find(["xdg-open"]) else {
      throw CommandFailure(
        .unavailable,
        "--open needs xdg-open, which is not installed: apt-get install xdg-utils, or write the report with "
          + "--output report.html and open the file",
        "--open 需要 xdg-open，本机未安装：请执行 apt-get install xdg-utils，或用 --output report.html 写出报告后自行打开")
    }
    return UserBrowser(opener: opener)
  }

  /// Opens a file. Waits at most ``patience`` seconds, and never for the end of the browser.
  ///
  /// - Throws: exit 69 with the file's path if the browser did not start.
  func open(_ path: String) throws {
    let file = URL(fileURLWithPath: path).path
    let process: ChildProcess
    do throws(ChildProcess.StartError) { process = try ChildProcess(opener, [file], leadsGroup: true) } catch
    {
      throw CommandFailure(error)
    }
    switch process.wait(seconds: Self.patience) {
    case nil, .exited(0)?, .unknown?: return
    case .exited(let code)?: throw Self.failure("exit \(code)", "退出码 \(code)", file)
    case .signalled(let signal)?: throw Self.failure("signal \(signal)", "信号 \(signal)", file)
    }
  }

  private static func failure(_ end: String, _ chinese: String, _ file: String) -> CommandFailure {
    CommandFailure(
      .unavailable,
      "xdg-open found no browser for the report (\(end)): open the file \(file.inert)",
      "xdg-open 未能打开浏览器（\(chinese)）：请自行打开文件 \(file.inert)")
  }
}
